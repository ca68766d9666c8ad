using System.Globalization;
using System.Text.Json;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Exchange.Server.Audit;

/// <summary>
/// The exported heads: one file a day in folder <c>heads</c> of the node's data folder, one JWS (RFC 7515, ES256, the hub's signing key of the time) a line.
/// Whoever rewrites the database cannot rewrite them; copy them elsewhere to be safe from whoever owns the node too.
/// </summary>
internal sealed class HeadFiles(HubOptions options, SigningKeys keys)
{
    private const string Type = "exchange-heads+jws";
    private const int LongestLine = 1 << 20;

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly Dictionary<string, object> header = new() { ["typ"] = Type };
    private readonly string folder = Path.Combine(options.DataDirectory, "heads");

    /// <summary>Signs and appends one line, on disk when this returns.</summary>
    public void Append(Guid store, Guid generation, DateTimeOffset time, IReadOnlyList<(int Partition, long Head, byte[] Hash)> heads)
    {
        var claims = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["store"] = store,
            ["generation"] = generation,
            ["iat"] = time.ToUnixTimeSeconds(),
            ["heads"] = heads.ToDictionary(
                head => head.Partition.ToString(CultureInfo.InvariantCulture),
                head => string.Create(CultureInfo.InvariantCulture, $"{head.Head}:{Convert.ToHexStringLower(head.Hash)}")),
        });
        var line = handler.CreateToken(claims, keys.Signing.Credentials, header);
        Directory.CreateDirectory(folder);
        using var stream = new FileStream(Path.Combine(folder, $"heads-{time:yyyy-MM-dd}.jws"), FileMode.Append, FileAccess.Write);
        using var writer = new StreamWriter(stream);
        writer.Write(line + "\n");
        writer.Flush();
        stream.Flush(flushToDisk: true);
    }

    /// <summary>The last believable line of each day's file, for this store and generation.</summary>
    public ExportedHeads Read(Guid store, Guid generation)
    {
        var exported = new ExportedHeads();
        if (!Directory.Exists(folder))
        {
            return exported;
        }

        foreach (var file in Directory.EnumerateFiles(folder, "heads-*.jws").Order(StringComparer.Ordinal))
        {
            JsonElement? last = null;
            foreach (var line in File.ReadLines(file))
            {
                if (!CompactJws.TryParse(line, LongestLine, out var jws) || StrictJson.Text(jws.Header, "typ") is not Type || !IsOurs(jws))
                {
                    exported.UnsignedCount++;
                }
                else if (StrictJson.Text(jws.Payload, "store") == store.ToString() && StrictJson.Text(jws.Payload, "generation") == generation.ToString())
                {
                    last = jws.Payload;
                }
            }

            foreach (var head in last?.GetProperty("heads").EnumerateObject() ?? default)
            {
                var parts = head.Value.GetString()!.Split(':');
                exported.Add(int.Parse(head.Name, CultureInfo.InvariantCulture), long.Parse(parts[0], CultureInfo.InvariantCulture), Convert.FromHexString(parts[1]));
            }
        }

        return exported;
    }

    private bool IsOurs(CompactJws jws) => StrictJson.Text(jws.Header, "kid") is { } id && keys.FindEver(id) is { } key && jws.IsSignedBy(key, PublicKeySet.Es256);
}
