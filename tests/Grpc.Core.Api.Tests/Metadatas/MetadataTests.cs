namespace Grpc.Core.Api.Tests.Metadatas;

public sealed class MetadataTests
{
    private static Metadata Sample => new() { { "first", "1" }, { "twice", "a" }, { "data-bin", [7] }, { "Twice", "b" } };

    [Fact]
    public void The_last_entry_with_a_key_wins()
    {
        Assert.Equal("b", Sample.Get("twice")?.Value);
        Assert.Equal("b", Sample.GetValue("twice"));
        Assert.Equal("b"u8.ToArray(), Sample.GetValueBytes("twice"));
    }

    [Fact]
    public void A_key_that_is_not_there_gives_nothing()
    {
        Assert.Null(Sample.Get("absent"));
        Assert.Null(Sample.GetValue("absent"));
        Assert.Null(Sample.GetValueBytes("absent"));
        Assert.Empty(Sample.GetAll("absent"));
    }

    [Fact]
    public void A_key_is_looked_up_as_it_is_written()
    {
        // Entries keep lower case, so a key is asked for in lower case.
        Assert.Null(Sample.Get("Twice"));
        Assert.Empty(Sample.GetAll("Twice"));
    }

    [Fact]
    public void All_entries_with_a_key_come_in_order() => Assert.Equal(["a", "b"], Sample.GetAll("twice").Select(entry => entry.Value));

    [Fact]
    public void Bytes_are_read_from_a_binary_entry_and_text_is_not()
    {
        Assert.Equal([7], Sample.GetValueBytes("data-bin"));
        Assert.Throws<InvalidOperationException>(() => Sample.GetValue("data-bin"));
    }

    [Fact]
    public void Entries_keep_their_order_and_repetitions()
    {
        Assert.Equal(4, Sample.Count);
        Assert.Equal(["first", "twice", "data-bin", "twice"], Sample.Select(entry => entry.Key));
        Assert.Equal(Sample.Select(entry => entry.Key), ((System.Collections.IEnumerable)Sample).Cast<Metadata.Entry>().Select(entry => entry.Key));
    }

    [Fact]
    public void It_is_a_list_of_entries()
    {
        var (a, b, c) = (new Metadata.Entry("a", "1"), new Metadata.Entry("b", "2"), new Metadata.Entry("c", "3"));
        Metadata metadata = [a, c];

        metadata.Insert(1, b);
        Assert.Equal([a, b, c], metadata);
        Assert.Equal(1, metadata.IndexOf(b));
        Assert.Contains(c, metadata);

        metadata[0] = c;
        Assert.Same(c, metadata[0]);
        Assert.True(metadata.Remove(b));
        Assert.False(metadata.Remove(b));
        metadata.RemoveAt(0);
        Assert.Equal([c], metadata);

        var copy = new Metadata.Entry[2];
        metadata.CopyTo(copy, 1);
        Assert.Same(c, copy[1]);
        metadata.Clear();
        Assert.Empty(metadata);
    }

    [Fact]
    public void Null_entries_are_refused()
    {
        Metadata metadata = [new Metadata.Entry("a", "1")];

        Assert.Throws<ArgumentNullException>(() => metadata.Add(null!));
        Assert.Throws<ArgumentNullException>(() => metadata.Insert(0, null!));
        Assert.Throws<ArgumentNullException>(() => metadata[0] = null!);
    }

    [Fact]
    public void A_new_one_can_be_written() => Assert.False(new Metadata().IsReadOnly);

    [Fact]
    public void The_empty_one_stays_empty()
    {
        var entry = new Metadata.Entry("a", "1");
        Action<Metadata>[] changes =
        [
            metadata => metadata.Add(entry), metadata => metadata.Add("a", "1"), metadata => metadata.Add("a-bin", [1]),
            metadata => metadata.Insert(0, entry), metadata => metadata.RemoveAt(0), metadata => metadata.Remove(entry),
            metadata => metadata.Clear(), metadata => metadata[0] = entry,
        ];

        Assert.All(changes, change => Assert.Throws<InvalidOperationException>(() => change(Metadata.Empty)));
        Assert.True(Metadata.Empty.IsReadOnly);
        Assert.Empty(Metadata.Empty);
    }
}
