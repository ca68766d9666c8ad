using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Catalog.Policies;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>The npm package `casbin` in a Node.js process of its own, which keeps an enforcer for every shape.</summary>
internal sealed class CasbinSide : IAsyncDisposable
{
    private readonly Process process;

    private CasbinSide(Process process) => this.process = process;

    /// <summary>Starts it; null where Node.js or the package is not installed.</summary>
    public static CasbinSide? Start()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var npm = Path.Combine(folder.FullName, "tests", "npm");
            if (Directory.Exists(Path.Combine(npm, "node_modules", "casbin")))
            {
                var start = new ProcessStartInfo("node", ["--max-old-space-size=2048", "casbin-timing.cjs"]) { WorkingDirectory = npm, RedirectStandardInput = true, RedirectStandardOutput = true };
                try
                {
                    return Process.Start(start) is { } process ? new(process) : null;
                }
                catch (System.ComponentModel.Win32Exception)
                {
                    return null;
                }
            }
        }

        return null;
    }

    /// <summary>Loads a shape. Returns its answers to the first requests: a `1` for each that is allowed.</summary>
    public Task<string> LoadAsync(PolicyShape shape, int answers, CancellationToken cancellationToken) => AskAsync(
        new JsonObject
        {
            ["load"] = shape.Name,
            ["model"] = shape.Model,
            ["policy"] = shape.Policy,
            ["answers"] = answers,
            ["requests"] = new JsonArray([.. shape.Requests.Select(static request => (JsonNode)new JsonArray([.. request.Select(ToJson)]))]),
        },
        cancellationToken);

    /// <summary>Nanoseconds per decision: the best of three windows of at least that time and one decision.</summary>
    public async Task<double> TimeAsync(PolicyShape shape, TimeSpan atLeast, CancellationToken cancellationToken) => double.Parse(
        await AskAsync(new JsonObject { ["time"] = shape.Name, ["milliseconds"] = atLeast.TotalMilliseconds }, cancellationToken), System.Globalization.CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }

        process.Dispose();
    }

    private async Task<string> AskAsync(JsonObject question, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync(question.ToJsonString().AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
        return await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("the Node.js process of npm casbin ended");
    }

    private static JsonNode? ToJson(PolicyValue value) => value switch
    {
        { AsAttributes: CallerAttributes caller } => Table(caller, CallerAttributes.Names),
        { AsAttributes: ObjectAttributes target } => Table(target, ObjectAttributes.Names),
        { AsAttributes: ContextAttributes context } => Table(context, ContextAttributes.Names),
        { AsAttributes: { } attributes } => JsonSerializer.SerializeToNode(attributes, attributes.GetType()),
        { Kind: PolicyValueKind.Number } => JsonValue.Create(value.AsNumber),
        { Kind: PolicyValueKind.Boolean } => JsonValue.Create(value.AsBoolean),
        _ => JsonValue.Create(value.AsText),
    };

    private static JsonObject Table(IPolicyAttributes attributes, IEnumerable<string> names) =>
        new(names.Where(name => attributes.TryGetAttribute(name, out _)).Select(name => KeyValuePair.Create(name, attributes.TryGetAttribute(name, out var value) ? ToJson(value) : null)));
}
