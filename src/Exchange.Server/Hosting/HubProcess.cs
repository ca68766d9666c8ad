using System.Diagnostics.CodeAnalysis;
using Exchange.Catalog;
using Exchange.Server.Identity.Users;

namespace Exchange.Server.Hosting;

/// <summary>The hub as a program: one node until SIGTERM, or what is to be done while no node runs.</summary>
internal static partial class HubProcess
{
    private const string RenewGeneration = "renew-generation";

    /// <summary>
    /// Runs a node, or after <c>renew-generation</c> that and nothing else. Exit codes: 0 stopped as asked, 1 could not go on, 2 refused to start (the reason is on
    /// standard error).
    /// </summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h" or "help"])
        {
            Console.WriteLine(HubConfiguration.Help);
            return 0;
        }

        var renews = arguments is [RenewGeneration, ..];
        try
        {
            var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true).Build();
            var options = HubConfiguration.Read(configuration, Environment.GetEnvironmentVariables(), renews ? arguments[1..] : arguments);
            BoundHeap(options);
            using var loggers = HubNode.CreateLoggers(configuration);
            if (renews)
            {
                var generation = await GenerationRenewal.RunAsync(options, loggers, CancellationToken.None);
                Console.WriteLine($"the store has a new generation, {generation}: checkpoints and page tokens from before are refused");
                return 0;
            }

            return await RunNodeAsync(options, loggers);
        }
        catch (HubStartException e)
        {
            await Console.Error.WriteLineAsync($"the hub does not {(renews ? "renew the generation" : "start")}: {e.Message}");
            return 2;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "the runtime would print what nobody caught with its message, which logs leave out")]
    private static async Task<int> RunNodeAsync(HubOptions options, ILoggerFactory loggers)
    {
        try
        {
            await using var node = await HubNode.StartAsync(options, loggers, CancellationToken.None);
            if (node.Unsafe.Settings.Count > 0)
            {
                Console.WriteLine($"not safe, as --unsafe accepts: {node.Unsafe}");
            }

            if (await node.NewEnrolmentCodeAsync(CancellationToken.None) is { } code)
            {
                Console.WriteLine($"enrolment code of user {FirstUser.Id}: {code} (once, within {UserRules.EnrolmentLifetime.TotalHours} hours: exchange identity enrol --user {FirstUser.Id})");
            }

            Console.WriteLine($"hub ready: grpc {node.Addresses.Grpc}, http {node.Addresses.Http}, data {options.DataDirectory}");
            await node.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception e) when (e is not HubStartException)
        {
            using var shown = new ValueFreeLoggers(loggers);
            Log.Broken(shown.CreateLogger(typeof(HubProcess)), e);
            return 1;
        }
    }

    // Before much is allocated: the runtime reads it anew here, and then never again.
    private static void BoundHeap(HubOptions options)
    {
        if (options.HeapBytes is { } bytes)
        {
            AppContext.SetData("GCHeapHardLimit", (ulong)bytes);
            GC.RefreshMemoryLimit();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "the hub cannot go on")]
        public static partial void Broken(ILogger logger, Exception exception);
    }
}
