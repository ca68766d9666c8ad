using System.Runtime.Versioning;
using Exchange.Server.Hosting;

namespace Exchange.Server.Tests.Hosting;

[SupportedOSPlatform("linux")]
public sealed class ReloadedFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("test-hub-").FullName;
    private readonly MinuteTime time = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_changed_file_is_read_again_within_a_minute_and_one_that_makes_no_sense_is_not_taken()
    {
        var file = Path.Combine(folder, "number");
        File.WriteAllText(file, "1");
        var number = Open(file);

        File.WriteAllText(file, "2");
        Assert.Equal("1", number.Current());
        time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal("2", number.Current());
        File.WriteAllText(file, "half");
        time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal("2", number.Current());
        File.Delete(file);
        time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal("2", number.Current());
        File.WriteAllText(file, "3");
        time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal("3", number.Current());
    }

    // As Kubernetes mounts secrets: the file is a link by way of a link that leads to another folder when it changes.
    [Fact]
    public void A_file_behind_a_link_that_leads_elsewhere_now_is_read_again()
    {
        foreach (var version in new[] { "1", "2" })
        {
            Directory.CreateDirectory(Path.Combine(folder, version));
            File.WriteAllText(Path.Combine(folder, version, "number"), version);
        }

        var (data, file) = (Path.Combine(folder, "data"), Path.Combine(folder, "number"));
        Directory.CreateSymbolicLink(data, "1");
        File.CreateSymbolicLink(file, "data/number");
        var number = Open(file);

        Directory.CreateSymbolicLink(data + "-new", "2");
        Directory.Delete(data);
        Directory.Move(data + "-new", data);
        time.Now += TimeSpan.FromMinutes(1);

        Assert.Equal("2", number.Current());
    }

    private ReloadedFile<string> Open(string file) =>
        ReloadedFile.Open(file, "a number", text => int.TryParse(text, out _) ? text : throw new FormatException(), time);

    private sealed class MinuteTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
