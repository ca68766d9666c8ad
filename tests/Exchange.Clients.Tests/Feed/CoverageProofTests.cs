using Exchange.Clients.Feed;
using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Feed;

public sealed class CoverageProofTests
{
    [Fact]
    public void Ranges_that_follow_each_other_prove_coverage()
    {
        var proof = new CoverageProof();
        Assert.False(proof.IsContiguous);

        proof.Begin([At(1, 5), At(2, 0)]);
        proof.Add(Batch(Range(1, 5, 9), Range(2, 0, 1)));
        proof.Add(Batch(Range(1, 9, 9), Range(2, 1, 4)));

        Assert.True(proof.IsContiguous);
        Assert.Equal([new(1, 9), new(2, 4)], proof.Through);
        Assert.True(proof.Covers([new(1, 9), new(2, 4)]));
        Assert.False(proof.Covers([new(1, 10)]));
        Assert.False(proof.Covers([new(3, 1)]));
    }

    [Fact]
    public void A_batch_left_out_is_a_gap_for_good()
    {
        var proof = new CoverageProof();
        proof.Begin([At(1, 0)]);
        proof.Add(Batch(Range(1, 0, 3)));

        proof.Add(Batch(Range(1, 5, 8)));
        proof.Add(Batch(Range(1, 0, 9)));

        Assert.False(proof.IsContiguous);
        Assert.False(proof.Covers([]));
        Assert.Equal([new CoverageProof.Gap(1, 3, 5)], proof.Gaps);
    }

    [Fact]
    public void What_comes_twice_is_no_gap()
    {
        var proof = new CoverageProof();
        proof.Begin([At(1, 0)]);
        proof.Add(Batch(Range(1, 0, 3)));

        proof.Begin([At(1, 0)]);
        proof.Add(Batch(Range(1, 0, 3)));
        proof.Add(Batch(Range(1, 3, 4)));

        Assert.True(proof.Covers([new(1, 4)]));
    }

    [Fact]
    public void An_idle_batch_that_stands_further_on_in_any_partition_shows_that_the_last_one_was_lost()
    {
        var proof = new CoverageProof();
        proof.Begin([At(1, 5), At(2, 0), At(3, 9)]);
        proof.Add(Batch(Range(1, 5, 7), Range(2, 0, 0), Range(3, 9, 9)));
        proof.Add(Batch(At(1, 7), At(2, 0), At(3, 9)));
        Assert.True(proof.IsContiguous);

        proof.Add(Batch(At(1, 7), At(2, 0), At(3, 10)));

        Assert.Equal([new CoverageProof.Gap(3, 9, 10)], proof.Gaps);
    }

    [Fact]
    public void Beginning_again_further_on_is_a_gap()
    {
        var proof = new CoverageProof(new Dictionary<int, long> { [1] = 7 });

        proof.Begin([At(1, 8)]);

        Assert.Equal([new CoverageProof.Gap(1, 7, 8)], proof.Gaps);
    }

    [Fact]
    public void A_proof_goes_on_from_stored_positions()
    {
        var proof = new CoverageProof(new Dictionary<int, long> { [1] = 7 });

        proof.Begin([At(1, 7)]);
        proof.Add(Batch(Range(1, 7, 8)));

        Assert.True(proof.Covers([new(1, 8)]));
    }

    [Fact]
    public void A_change_outside_the_covered_ranges_is_a_gap()
    {
        var proof = new CoverageProof();
        proof.Begin([At(1, 0)]);
        var batch = Batch(Range(1, 0, 3));
        batch.Changes.Add(new Change { Partition = 1, Position = 4 });

        proof.Add(batch);

        Assert.False(proof.IsContiguous);
    }

    [Fact]
    public void Batches_before_a_start_and_ranges_that_run_backwards_prove_nothing()
    {
        var early = new CoverageProof();
        early.Add(Batch(Range(1, 0, 3)));
        var backwards = new CoverageProof();
        backwards.Begin([At(1, 5)]);
        backwards.Add(Batch(Range(1, 5, 4)));

        Assert.False(early.IsContiguous);
        Assert.False(backwards.IsContiguous);
    }

    private static Coverage At(int partition, long position) => new() { Partition = partition, After = position, Through = position };

    private static Coverage Range(int partition, long after, long through) => new() { Partition = partition, After = after, Through = through };

    private static FeedBatch Batch(params Coverage[] ranges) => new() { Coverage = { ranges } };
}
