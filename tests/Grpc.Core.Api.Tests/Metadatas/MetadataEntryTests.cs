using System.Text;

namespace Grpc.Core.Api.Tests.Metadatas;

public sealed class MetadataEntryTests
{
    [Theory]
    [InlineData("Authorization", "authorization")]
    [InlineData("X-Request_Id.2", "x-request_id.2")]
    [InlineData("already-lower", "already-lower")]
    public void A_key_is_lower_cased(string given, string kept) => Assert.Equal(kept, new Metadata.Entry(given, "value").Key);

    [Fact]
    public void A_binary_key_is_lower_cased_before_its_suffix_is_looked_at() =>
        Assert.Equal("trace-bin", new Metadata.Entry("Trace-BIN", [1]).Key);

    [Theory]
    [InlineData("with space")]
    [InlineData("colon:")]
    [InlineData(":path")]
    [InlineData("slash/")]
    [InlineData("umlaut-ü")]
    [InlineData("请求")]
    [InlineData("kelvin-\u212A")]
    [InlineData("new\nline")]
    public void A_key_with_another_character_is_refused(string key) =>
        Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "value"));

    [Fact]
    public void A_binary_value_needs_the_suffix() => Assert.Throws<ArgumentException>(() => new Metadata.Entry("trace", [1]));

    [Fact]
    public void A_text_value_must_not_have_the_suffix()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("trace-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("Trace-Bin", "text"));
    }

    [Fact]
    public void Null_is_refused_for_key_and_value()
    {
        Assert.Throws<ArgumentNullException>(() => new Metadata.Entry(null!, "value"));
        Assert.Throws<ArgumentNullException>(() => new Metadata.Entry("key", (string)null!));
        Assert.Throws<ArgumentNullException>(() => new Metadata.Entry("key-bin", (byte[])null!));
    }

    [Fact]
    public void A_text_entry_gives_its_text_and_the_same_as_ASCII_bytes()
    {
        var entry = new Metadata.Entry("key", "value 1");

        Assert.False(entry.IsBinary);
        Assert.Equal("value 1", entry.Value);
        Assert.Equal(Encoding.ASCII.GetBytes("value 1"), entry.ValueBytes);
    }

    [Fact]
    public void A_binary_entry_gives_its_bytes_and_no_text()
    {
        var entry = new Metadata.Entry("key-bin", [0, 127, 255]);

        Assert.True(entry.IsBinary);
        Assert.Equal([0, 127, 255], entry.ValueBytes);
        Assert.Throws<InvalidOperationException>(() => entry.Value);
    }

    [Fact]
    public void A_binary_value_cannot_be_changed_from_outside()
    {
        byte[] given = [1, 2, 3];
        var entry = new Metadata.Entry("key-bin", given);

        given[0] = 9;
        entry.ValueBytes[1] = 9;

        Assert.Equal([1, 2, 3], entry.ValueBytes);
    }

    [Fact]
    public void Key_and_value_are_printed()
    {
        Assert.Contains("key", new Metadata.Entry("key", "value").ToString());
        Assert.Contains("value", new Metadata.Entry("key", "value").ToString());
        Assert.Contains("key-bin", new Metadata.Entry("key-bin", [1]).ToString());
    }
}
