using System.Buffers.Text;
using System.Text;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Spoilt tokens: in their compact text, or in the JSON of a part, encoded as it should be.</summary>
internal sealed class JwsInputs
{
    private static readonly string[] Words =
    [
        "\"alg\":\"none\",", "\"alg\":\"HS256\",", "\"alg\":\"es256\",", "\"kid\":\"../../etc/passwd\",", "\"jwk\":{},", "\"x5u\":\"http://127.0.0.1\",", "\"crit\":[\"exp\"],", "\"b64\":false,", "\"zip\":\"DEF\",",
        "\"exp\":1e308,", "\"exp\":-1,", "\"exp\":\"now\",", "\"aud\":[],", "\"aud\":null,", "\"sub\":{},", "\"iss\":\"\\ud800\",", "\"typ\":\"JOSE\",", "{", "}", "[", "]", ":", ",", "\"", "\\u0000", "9",
    ];

    private readonly string token;
    private readonly TextInputs compact;

    private JwsInputs(string token)
    {
        this.token = token;
        compact = new TextInputs([token], ".", "..", "=", "e30", "eyJhbGciOiJub25lIn0", "-", "_", "A");
    }

    /// <summary>Tokens made of this one.</summary>
    public static JwsInputs Like(string token) => new(token);

    /// <summary>A token.</summary>
    public string Next(Random random)
    {
        if (random.Next(2) is 0)
        {
            return compact.Next(random);
        }

        var parts = token.Split('.');
        var spoilt = random.Next(2);
        parts[spoilt] = Base64Url.EncodeToString(new TextInputs([Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[spoilt]))], Words).Bytes(random));
        return string.Join('.', parts);
    }
}
