using Exchange.Server.Identity;

namespace Exchange.Server.Hosting;

/// <summary>The key files that the hub would read once it runs.</summary>
internal static class KeyFiles
{
    /// <summary>Looks at those of the hub, of the first caller and of clients' authorities: whether they are there, private, and hold what they should.</summary>
    public static void Check(HubOptions options, StartComplaints complaints)
    {
        var hubKey = HubSecrets.FileOf(options);
        if ((options.HubKeyFile is not null || File.Exists(hubKey)) && PrivateFile.Read(hubKey, complaints) is { } text)
        {
            complaints.Try(() => HubSecrets.Parse(hubKey, text));
        }

        OperatorAccount.CheckKeyFile(options, complaints);
        ClientAuthorities.Check(options, complaints);
    }
}
