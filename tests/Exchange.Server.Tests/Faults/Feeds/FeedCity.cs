using Exchange.Clients;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Faults.Kills;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Server.Tests.Faults.Feeds;

/// <summary>
/// An invented city for feeds under load: desks that open incidents, and departments that follow them, one with all records and one for each district. Made
/// through the public API.
/// </summary>
internal sealed class FeedCity
{
    /// <summary>The resource.</summary>
    public const string Resource = "resources/incident";

    /// <summary>Fields in the order the desks push them; by number from 1. `phone` is masked for readers, `note` is sealed in the log.</summary>
    public static readonly string[] Fields = ["title", "district", "phone", "note"];

    /// <summary>What stands in `district`.</summary>
    public static readonly string[] Districts = ["north", "east", "south", "west"];

    private FeedCity(IReadOnlyList<(string Name, ExchangeClient Client)> desks, IReadOnlyList<(string? District, ExchangeClient Client)> readers) =>
        (Desks, Readers) = (desks, readers);

    /// <summary>Departments that push.</summary>
    public IReadOnlyList<(string Name, ExchangeClient Client)> Desks { get; }

    /// <summary>Departments that follow; without a district, every record.</summary>
    public IReadOnlyList<(string? District, ExchangeClient Client)> Readers { get; }

    /// <summary>What the readers ask for.</summary>
    public static FollowRequest Request => new() { Resource = Resource, Purpose = Purpose.Analysis, Beginning = true };

    /// <summary>Registers so many desks and the readers, publishes the resource, and has every desk grant every reader its rows.</summary>
    public static async Task<FeedCity> FoundAsync(HubProgram hub, int desks)
    {
        await using var founder = FaultCity.Operator(hub);
        List<(string Name, ExchangeClient Client)> writers = [];
        var stewards = new Dictionary<string, ExchangeClient>(StringComparer.Ordinal);
        for (var number = 1; number <= desks; number++)
        {
            var desk = $"desk-{number}";
            writers.Add((desk, await FaultCity.RegisterAsync(hub, founder, desk, CancellationToken.None)));
            stewards.Add(desk, await FaultCity.RegisterAsync(hub, founder, desk, $"{desk}-steward", Role.Steward, CancellationToken.None));
        }

        await founder.Catalog.PublishResourceAsync(
            new Resource
            {
                Name = Resource,
                DisplayName = "Incident",
                Abstract = "Invented incidents of the feed tests.",
                Department = $"departments/{writers[0].Name}",
                UpdateCycle = UpdateCycle.Realtime,
                Fields = { Fields.Select((field, index) => Text(field, index + 1)) },
            },
            CancellationToken.None);
        List<(string? District, ExchangeClient Client)> readers = [];
        foreach (var district in Districts.Prepend<string?>(null))
        {
            var name = $"reader-{district ?? "all"}";
            readers.Add((district, await FaultCity.RegisterAsync(hub, founder, name, CancellationToken.None)));
            await using var steward = await FaultCity.RegisterAsync(hub, founder, name, $"{name}-steward", Role.Steward, CancellationToken.None);
            foreach (var (desk, _) in writers)
            {
                var agreement = await founder.Access.PublishAgreementAsync(
                    new Agreement { Name = $"departments/{desk}/agreements/feed", Title = "Feed", Text = "Nothing is real here." }, CancellationToken.None);
                var grant = new Grant
                {
                    Agreement = agreement.Name,
                    Reader = $"departments/{name}",
                    Resource = Resource,
                    RowFilter = district is null ? "" : $"district = \"{district}\"",
                    Fields = { Fields },
                    Purposes = { Purpose.Analysis },
                    ExpireTime = Timestamp.FromDateTime(DateTime.UtcNow.AddYears(1)),
                };
                var offered = await founder.Access.CreateGrantAsync($"departments/{desk}", grant, Guid.NewGuid(), CancellationToken.None);
                await stewards[desk].PendingChanges.ApproveAsync(offered.PendingChange, "", CancellationToken.None);
                await steward.Access.AcceptGrantAsync(offered.Name, offered.AgreementVersion, CancellationToken.None);
            }
        }

        foreach (var owner in stewards.Values)
        {
            await owner.DisposeAsync();
        }

        return new FeedCity(writers, readers);
    }

    private static Protos.V1.Field Text(string name, int number) => new()
    {
        Name = name,
        Number = number,
        Type = FieldType.Text,
        DisplayName = name,
        Owner = new OwnerRule { Opener = true },
        Level = name is "note" ? Level.Sensitive : Level.Internal,
        SharingClass = SharingClass.Conditional,
        OpenClass = OpenClass.NotOpen,
        OpenBasis = new Basis { Kind = BasisKind.Other, Text = "invented" },
        MaxLength = 200,
        DefaultMask = name is "phone" ? new Mask { Kind = MaskKind.ShowLastN, Parameter = 4 } : null,
    };
}
