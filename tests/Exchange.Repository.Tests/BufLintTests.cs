using System.Runtime.InteropServices;

namespace Exchange.Repository.Tests;

public sealed class BufLintTests
{
    [Fact]
    public async Task Our_protos_pass_buf_lint()
    {
        var (exitCode, output) = await Checkout.RunAsync("protos", Buf(), "lint");

        Assert.True(exitCode is 0, output);
    }

    [Fact]
    public async Task Buf_lint_finds_a_field_without_a_comment()
    {
        var folder = Directory.CreateTempSubdirectory("buf-");
        try
        {
            File.Copy(Path.Combine(Checkout.Root, "protos", "buf.yaml"), Path.Combine(folder.FullName, "buf.yaml"));
            var proto = Path.Combine(folder.CreateSubdirectory("exchange/v1").FullName, "broken.proto");
            await File.WriteAllTextAsync(proto, "syntax = \"proto3\";\npackage exchange.v1;\n// A message.\nmessage Broken {\n  string name = 1;\n}\n");

            var (exitCode, output) = await Checkout.RunAsync(folder.FullName, Buf(), "lint");

            Assert.NotEqual(0, exitCode);
            Assert.Contains("Field \"name\" should have a non-empty comment", output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Buf()
    {
        var kind = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "aarch64" : "x64";
        var buf = Path.Combine(Checkout.Root, "tests", "npm", "node_modules", "@bufbuild", $"buf-linux-{kind}", "bin", "buf");
        if (!File.Exists(buf))
        {
            Assert.Skip("buf is not installed in tests/npm; `./exchange test` installs it where npm is there");
        }

        return buf;
    }
}
