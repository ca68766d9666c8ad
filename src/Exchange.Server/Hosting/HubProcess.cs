namespace Exchange.Server.Hosting;

/// <summary>The hub as a program: one node until SIGTERM.</summary>
internal static class HubProcess
{
    /// <summary>Runs a node. Exit codes: 0 stopped as asked, 2 refused to start (the reason is on standard error).</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h" or "help"])
        {
            Console.WriteLine(HubConfiguration.Help);
            return 0;
        }

        try
        {
            var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true).Build();
            var options = HubConfiguration.Read(configuration, Environment.GetEnvironmentVariables(), arguments);
            using var loggers = HubNode.CreateLoggers(configuration);
            await using var node = await HubNode.StartAsync(options, loggers, CancellationToken.None);
            Console.WriteLine($"hub ready: grpc {node.Addresses.Grpc}, http {node.Addresses.Http}, data {options.DataDirectory}");
            await node.WaitForShutdownAsync();
            return 0;
        }
        catch (HubStartException e)
        {
            await Console.Error.WriteLineAsync($"the hub does not start: {e.Message}");
            return 2;
        }
    }
}
