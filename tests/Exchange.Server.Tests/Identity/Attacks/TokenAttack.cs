using System.Runtime.Versioning;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>An attack on calls: something of section T of the reliability promises that must not pass for an access token.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Numbers">Its numbers in section T.</param>
/// <param name="Reason">Why the hub says it refuses.</param>
/// <param name="Tries">The calls to make of it; each is tried on every RPC.</param>
[SupportedOSPlatform("linux")]
internal sealed record TokenAttack(string Name, int[] Numbers, string Reason, Func<AttackCity, IEnumerable<TokenTry>> Tries)
{
    public const string Missing = "TOKEN_MISSING";
    public const string Invalid = "TOKEN_INVALID";
    public const string Expired = "TOKEN_EXPIRED";

    /// <summary>Tokens that are none, or not of this hub.</summary>
    public static TokenAttack Of(int number, string name, Func<AttackCity, IEnumerable<string>> tokens, string reason = Invalid) =>
        new(name, [number], reason, city => tokens(city).Select(token => TokenTry.With(token)));

    /// <summary>Tokens that are well signed, but for what is wrong in them.</summary>
    public static TokenAttack Forged(int number, string name, Func<AttackCity, IEnumerable<ForgedToken>> tokens, string reason = Invalid) =>
        Of(number, name, city => tokens(city).Select(token => token.ToString()), reason);

    /// <summary>Headers of a call.</summary>
    public static TokenAttack Sent(int number, string name, string reason, Func<AttackCity, IEnumerable<(string Name, string Value)[]>> headers) =>
        new(name, [number], reason, city => headers(city).Select(sent => new TokenTry(sent)));
}

/// <summary>One call of an attack.</summary>
/// <param name="Headers">Its metadata.</param>
internal sealed record TokenTry((string Name, string Value)[] Headers)
{
    /// <summary>On which connection: with no certificate, or with one.</summary>
    public AttackConnection Connection { get; init; }

    /// <summary>Behind the path.</summary>
    public string Query { get; init; } = "";

    /// <summary>Instead of the bodies that an attack has by turns; null takes those.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The token as it should be sent.</summary>
    public static TokenTry With(string token) => new([("authorization", "Bearer " + token)]);
}

/// <summary>The certificate of an attacker's connection.</summary>
internal enum AttackConnection
{
    /// <summary>None.</summary>
    Plain,

    /// <summary>One that is nobody's.</summary>
    Stranger,

    /// <summary>The one that the victim's tokens are bound to.</summary>
    Owner,
}
