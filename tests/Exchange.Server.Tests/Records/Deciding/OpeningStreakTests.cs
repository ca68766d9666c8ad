using Exchange.Catalog.Records;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Push;

namespace Exchange.Server.Tests.Records.Deciding;

public sealed class OpeningStreakTests
{
    private static readonly RecordAnswer Opened = new(RecordOutcome.Accepted, 1, []);
    private static readonly RecordAnswer[] Half = [.. Enumerable.Repeat(Opened, 500)];
    private static readonly RecordAnswer Rejected = new(RecordOutcome.Rejected, 0, []);

    [Fact]
    public void A_thousand_opened_records_let_the_next_batch_be_presumed_to_open_some()
    {
        var streak = new OpeningStreak();

        Assert.False(streak.Holds);
        streak.Note(Receipt([.. Half, Rejected]), wasPresumed: false);
        streak.Note(Receipt([.. Half[1..]]), wasPresumed: false);
        Assert.False(streak.Holds);
        streak.Note(Receipt(Opened), wasPresumed: false);
        Assert.True(streak.Holds);
    }

    [Fact]
    public void Batches_of_which_all_was_rejected_tell_nothing()
    {
        var streak = new OpeningStreak();

        streak.Note(Receipt(Half), wasPresumed: false);
        streak.Note(Receipt(Rejected), wasPresumed: false);
        Assert.False(streak.Holds);
        streak.Note(Receipt(Half), wasPresumed: false);
        streak.Note(Receipt(Rejected), wasPresumed: true);
        Assert.True(streak.Holds);
    }

    [Theory]
    [InlineData(RecordOutcome.Accepted, 2)]
    [InlineData(RecordOutcome.Unchanged, 0)]
    [InlineData(RecordOutcome.Proposed, 0)]
    public void A_record_that_was_there_ends_it(RecordOutcome outcome, long version)
    {
        var met = new RecordAnswer(outcome, version, []);
        var streak = new OpeningStreak();
        streak.Note(Receipt(Half), wasPresumed: false);
        streak.Note(Receipt(Half), wasPresumed: false);

        streak.Note(Receipt([.. Half, met]), wasPresumed: false);
        Assert.False(streak.Holds);
        streak.Note(Receipt(Half), wasPresumed: false);
        streak.Note(Receipt(Half), wasPresumed: false);

        Assert.True(streak.Holds);
    }

    [Fact]
    public void What_is_pushed_again_tells_nothing()
    {
        var streak = new OpeningStreak();
        var again = Again(Half);

        streak.Note(again, wasPresumed: false);
        streak.Note(again, wasPresumed: false);
        Assert.False(streak.Holds);
        streak.Note(Receipt(Half), wasPresumed: false);
        streak.Note(Receipt(Half), wasPresumed: false);
        streak.Note(Again(new RecordAnswer(RecordOutcome.Unchanged, 0, [])), wasPresumed: true);

        Assert.True(streak.Holds);
    }

    [Fact]
    public void Each_wrong_presumption_doubles_what_it_takes()
    {
        var streak = new OpeningStreak();
        List<int> taken = [];
        for (var round = 0; round < 5; round++)
        {
            var batches = 0;
            for (; !streak.Holds; batches++)
            {
                streak.Note(Receipt(Half), wasPresumed: false);
            }

            taken.Add(batches);
            streak.Note(Receipt(new RecordAnswer(RecordOutcome.Unchanged, 0, [])), wasPresumed: true);
        }

        Assert.Equal([2, 4, 8, 16, 32], taken);
    }

    private static PushedReceipt Receipt(params RecordAnswer[] answers) => new(1, new Guid[answers.Length], answers);

    private static PushedReceipt Again(params RecordAnswer[] answers) => new(1, new Guid[answers.Length], answers) { IsReplay = true };
}
