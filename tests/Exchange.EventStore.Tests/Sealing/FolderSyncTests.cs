using Exchange.EventStore.Sealing;

namespace Exchange.EventStore.Tests.Sealing;

public sealed class FolderSyncTests
{
    [Fact]
    public void A_folder_is_flushed_and_one_that_is_not_there_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows flushes no folders");
        var folder = Directory.CreateTempSubdirectory("flush-数据-").FullName;

        FolderSync.Flush(folder);
        Directory.Delete(folder);
        var missing = Assert.Throws<IOException>(() => FolderSync.Flush(folder));

        Assert.Contains(folder, missing.Message, StringComparison.Ordinal);
    }
}
