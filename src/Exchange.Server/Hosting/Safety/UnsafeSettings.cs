namespace Exchange.Server.Hosting;

/// <summary>
/// What is unsafe on this node and was accepted with <c>--unsafe</c>, as it was found at the start. Health and the log tell it. What was accepted but is
/// not so is not among these.
/// </summary>
public sealed class UnsafeSettings
{
    internal UnsafeSettings(IReadOnlyList<UnsafeSetting> settings) => Settings = settings;

    /// <summary>In the order of <see cref="UnsafeSetting"/>, each once. Empty on a safe node.</summary>
    public IReadOnlyList<UnsafeSetting> Settings { get; }

    /// <summary>Their names as <c>--unsafe</c> takes them, with commas, for example <c>plain-http,fsync</c>; empty on a safe node.</summary>
    public override string ToString() => string.Join(',', Settings.Select(HubConfiguration.Name));
}
