namespace Exchange.Catalog;

/// <summary>
/// What a password must be (NIST SP 800-63B section 5.1.1.2): long enough, no composition rules; not what an attacker tries first for this user.
/// </summary>
public static class PasswordRules
{
    /// <summary>Least characters.</summary>
    public const int Least = 12;

    /// <summary>Most characters.</summary>
    public const int Most = 256;

    private const int LeastDifferent = 5;

    /// <summary>Why the password is not good for the user, as the end of a sentence that begins with it; null when it is.</summary>
    public static string? Complain(string user, string password)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        return password switch
        {
            { Length: < Least or > Most } => $"must have {Least} to {Most} characters",
            _ when password.Distinct().Count() < LeastDifferent => $"must have {LeastDifferent} different characters at least",
            _ when string.Equals(password, user, StringComparison.OrdinalIgnoreCase) => "must not be the user's id",
            _ => null,
        };
    }
}
