using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OtpNet;

namespace Exchange.Server.Identity.Users;

/// <summary>One-time codes that let a user enrol: 125 random bits as five groups of five letters and digits 2 to 7. The hub keeps their hashes.</summary>
internal static class EnrolmentCode
{
    private const int Groups = 5;
    private const int GroupCharacters = 5;

    /// <summary>A new code, and what to store of it.</summary>
    public static (string Code, string Hash) Create()
    {
        // 16 bytes are 26 characters of 5 bits, of which the last is not full.
        var characters = Base32Encoding.ToString(RandomNumberGenerator.GetBytes(16))[..(Groups * GroupCharacters)];
        var code = string.Join('-', characters.Chunk(GroupCharacters).Select(group => new string(group)));
        return (code, HashOf(code));
    }

    /// <summary>The hash of a code as a person typed it: case, dashes and blanks do not matter.</summary>
    public static string HashOf(string typed)
    {
        var characters = string.Concat(typed.Where(character => character is not ('-' or ' '))).ToUpperInvariant();
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(characters)));
    }
}
