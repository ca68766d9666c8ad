using System.Buffers.Binary;
using Exchange.Bench.Limits;
using Exchange.EventStore.Appending;

namespace Exchange.Bench.Tests.Limits;

/// <summary>Rows of one COPY cut into pieces of one commit each.</summary>
public sealed class CopyLimitTests
{
    private const int HeaderBytes = 19;

    [Theory]
    [InlineData(0, 10_000, 0)]
    [InlineData(1, 10_000, 1)]
    [InlineData(10_000, 10_000, 1)]
    [InlineData(10_001, 10_000, 2)]
    [InlineData(25_000, 10_000, 3)]
    [InlineData(1_000, 500, 2)]
    public void A_piece_has_the_rows_of_a_commit_and_the_last_one_what_is_left(int rows, int rowsPerCommit, int pieces)
    {
        var (cut, counted) = CopyLimit.Cut(Rows(rows), rowsPerCommit);

        Assert.Equal(rows, counted);
        Assert.Equal(pieces, cut.Count);
        Assert.All(cut, piece => Assert.Equal("PGCOPY\n"u8.ToArray(), piece[..7]));
        Assert.All(cut, piece => Assert.Equal(-1, BinaryPrimitives.ReadInt16BigEndian(piece.AsSpan(piece.Length - 2))));
    }

    [Fact]
    public void The_pieces_hold_every_row_once_in_order()
    {
        var whole = Rows(25_000);

        var (cut, _) = CopyLimit.Cut(whole, 500);

        Assert.True(whole.AsSpan(HeaderBytes..^2).SequenceEqual((byte[])[.. cut.SelectMany(piece => piece[HeaderBytes..^2])]));
    }

    private static byte[] Rows(int count)
    {
        using var rows = new CopyRows();
        for (var i = 0; i < count; i++)
        {
            rows.BeginRow(3);
            rows.Int64(i);
            rows.Null();
            rows.Text(new string('x', i % 5));
        }

        return [.. rows.End().SelectMany(piece => piece.ToArray())];
    }
}
