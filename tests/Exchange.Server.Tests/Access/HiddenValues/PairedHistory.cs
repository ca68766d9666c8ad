using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Push;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Server.Tests.Access.HiddenValues;

/// <summary>
/// A few records that are opened and changed: the same events in both stores, which differ only in the values of one field. Where a value stays, is set or is
/// cleared is the same too; how long it is and what it says is not.
/// </summary>
internal sealed class PairedHistory
{
    private static readonly string[] Ours = ["title", "calls", "content", "phone", "secret_note"];

    public PairedHistory(int seed, int number)
    {
        var random = new Random(HashCode.Combine(seed, number));
        Number = number;
        Field = StorePair.Hidden[random.Next(StorePair.Hidden.Count)];
        SourceIds = [.. Enumerable.Range(0, random.Next(1, 3)).Select(record => $"pair-{number}-{record}")];
        var steps = new List<IReadOnlyList<PairedChange>>();
        foreach (var step in Enumerable.Range(0, random.Next(2, 5)))
        {
            steps.Add([.. SourceIds.Select(source => Change(random, source, step))]);
        }

        Steps = steps;
    }

    /// <summary>Its number.</summary>
    public int Number { get; }

    /// <summary>The field whose values differ.</summary>
    public string Field { get; }

    /// <summary>A word that stands in every title of it, and in no other.</summary>
    public string Word => $"word{Number}x";

    /// <summary>The records, as the centre names them.</summary>
    public IReadOnlyList<string> SourceIds { get; }

    /// <summary>The records, as the hub does.</summary>
    public IReadOnlyList<Guid> Ids { get; set; } = [];

    /// <summary>What happens: each record changes at most once a step.</summary>
    public IReadOnlyList<IReadOnlyList<PairedChange>> Steps { get; }

    // First it is opened; later its owner, or who else owns the differing field, goes on. Every change sets a value that was not there, so that each is an event.
    private PairedChange Change(Random random, string source, int step)
    {
        if (step is 0)
        {
            return Of(random, City.Centre, source, step, [.. Ours, "responsible"]);
        }

        return (Field, random.Next(3)) switch
        {
            ("grid_note", > 0) => Of(random, City.Grid, source, step, ["grid_note", "place"]),
            ("result", > 0) => Of(random, City.Housing, source, step, ["result", "status"]),
            _ => Of(random, City.Centre, source, step, Ours),
        };
    }

    private PairedChange Of(Random random, Exchange.Catalog.Caller by, string source, int step, IReadOnlyList<string> fields)
    {
        var values = fields.Select(field => Of(random, field, step)).ToList();
        return new PairedChange(by, source, fields, [.. values.Select(value => value.First)], [.. values.Select(value => value.Second)]);
    }

    private (Value First, Value Second) Of(Random random, string field, int step)
    {
        if (field == Field)
        {
            return random.Next(6) is 0 && step > 0 ? (Pushed.Clear, Pushed.Clear)
                : (Pushed.Text(Hide(field, $"a{step}{random.Next(9)}", 1)), Pushed.Text(Hide(field, $"{Number} 秘密 b{step}{random.Next(9)} ", field is "phone" ? 1 : random.Next(1, 40))));
        }

        var same = field switch
        {
            "title" => Pushed.Text($"{Word} 路灯 {step} {random.Next(1_000)}"),
            "calls" => new Value { Integer = (step * 1_000) + random.Next(1_000) },
            "responsible" => Pushed.Code("housing"),
            "status" => Pushed.Code(step % 2 is 0 ? "open" : "done"),
            "place" => new Value { Point = new Protos.V1.Point { Longitude = 100 + random.NextDouble(), Latitude = 30 + random.NextDouble() } },
            _ => Pushed.Text($"{field[0]}{step} {random.Next(1_000)}"),
        };
        return (same, same);
    }

    private static string Hide(string field, string text, int times) => field is "phone" ? text[..Math.Min(20, text.Length)] : string.Concat(Enumerable.Repeat(text, times))[..Math.Min(390, text.Length * times)];
}
