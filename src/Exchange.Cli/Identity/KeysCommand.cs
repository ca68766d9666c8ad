using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Cli.Identity;

/// <summary>`exchange identity keys`.</summary>
internal static class KeysCommand
{
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. housing" };
    private static readonly Argument<string> _client = new("client") { Description = "client id, e.g. housing-sync" };
    private static readonly Argument<string> _key = new("key") { Description = "thumbprint of the key or certificate, as `list` shows it" };
    private static readonly Option<FileInfo?> _jwk = new("--jwk") { Description = "file with a public key as JWK, or as a set of one, as `exchange token new-key` prints it" };
    private static readonly Option<FileInfo?> _certificate = new("--certificate") { Description = "file with a certificate in PEM" };
    private static readonly Option<DateTimeOffset?> _expires = new("--expires") { Description = "from when it proves nothing any more, e.g. 2027-03-01T00:00:00Z; by default never, or at the certificate's own end" };

    public static Command Create(GlobalOptions options) => new Command("keys", "Clients' public keys and certificates: add the next one, and remove the old one once the client uses it.").With(
        new Command("list", "Lists a client's keys and certificates.").With(_department, _client).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            KeysAsync(context, cancellationToken),
            ["key", "kind", "added", "expires"],
            k => [k.Name[(k.Name.LastIndexOf('/') + 1)..], k.MaterialCase.ToString(), $"{k.CreateTime?.ToDateTimeOffset():u}", $"{k.ExpireTime?.ToDateTimeOffset():u}"],
            cancellationToken)),
        new Command("add", "Adds a key or certificate, or sets when one that is there expires.").With(_department, _client, _jwk, _certificate, _expires).Runs(options, AddAsync),
        new Command("remove", "Takes a key or certificate away: what it proves is refused from now on, its tokens, too.").With(_department, _client, _key).Runs(options, RemoveAsync));

    private static async Task<int> AddAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var key = new RegisteredKey { ExpireTime = context.Value(_expires) is { } expires ? Timestamp.FromDateTimeOffset(expires) : null };
        switch (context.Value(_jwk), context.Value(_certificate))
        {
            case ({ } file, null):
                key.Jwk = OnlyKey(await File.ReadAllTextAsync(file.FullName, cancellationToken));
                break;
            case (null, { } file):
                key.Certificate = await File.ReadAllTextAsync(file.FullName, cancellationToken);
                break;
            default:
                throw new UsageException("give --jwk or --certificate");
        }

        var added = await context.Client.Identity.AddKeyAsync(ClientName(context), key, cancellationToken);
        Show(context.Output, added, $"added {added.Name}");
        return ExitCode.Done;
    }

    private static async Task<int> RemoveAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var client = await context.Client.Identity.RemoveKeyAsync($"{ClientName(context)}/keys/{context.Value(_key)}", cancellationToken);
        Show(context.Output, client, $"{client.Name} has {client.Keys.Count} {(client.Keys.Count is 1 ? "key" : "keys")} left");
        return ExitCode.Done;
    }

    private static async IAsyncEnumerable<RegisteredKey> KeysAsync(CommandContext context, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = ClientName(context);
        var client = await context.Client.Identity.ListAsync(CommonOptions.Name("departments", context.Value(_department)), cancellationToken)
            .FirstOrDefaultAsync(client => client.Name == name, cancellationToken) ?? throw new UsageException($"there is no client `{name}`; `exchange identity clients list` shows them");
        foreach (var key in client.Keys)
        {
            yield return key;
        }
    }

    private static string ClientName(CommandContext context) => $"{CommonOptions.Name("departments", context.Value(_department))}/clients/{context.Value(_client)}";

    // What `token new-key` prints is a set, as clients are registered with.
    private static string OnlyKey(string json)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("keys", out var keys) && keys.GetArrayLength() is 1 ? keys[0].GetRawText() : json;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return json; // which the hub complains of
        }
    }

    private static void Show(Output output, Google.Protobuf.IMessage message, string note)
    {
        if (output.IsJson)
        {
            output.Json(message);
        }
        else
        {
            output.Note(note);
        }
    }
}
