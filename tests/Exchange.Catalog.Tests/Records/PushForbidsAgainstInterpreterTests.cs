using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using Exchange.Testing.Access;

namespace Exchange.Catalog.Tests.Records;

/// <summary>What random rows forbid of random pushes, beside the same rows read plainly, field by field, on the record before and after.</summary>
public sealed class PushForbidsAgainstInterpreterTests
{
    private static readonly PolicyAction[][] Actions = [[PolicyAction.Write], [PolicyAction.Propose], [PolicyAction.Write, PolicyAction.Propose], [PolicyAction.Read, PolicyAction.Write], [PolicyAction.Read]];

    [Fact]
    public void A_push_is_forbidden_what_the_rows_say_and_nothing_else()
    {
        var (forbidden, differences) = Compare(least: 30_000, Mistake.None);

        Assert.Equal("", differences.FirstOrDefault() ?? "");
        Assert.InRange(forbidden, 3_000, 27_000);
    }

    [Theory]
    [InlineData(Mistake.FailuresAreSkipped)]
    [InlineData(Mistake.ForbidsCountForTheOwner)]
    [InlineData(Mistake.LevelsAreInherited)]
    public void The_comparison_finds_a_wrong_rule(Mistake mistake) => Assert.NotEmpty(Compare(least: 10_000, mistake).Differences);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_comparison_finds_who_looks_at_one_side_only(bool before, bool after) =>
        Assert.NotEmpty(Compare(least: 10_000, Mistake.None, before, after).Differences);

    private static (int Forbidden, List<string> Differences) Compare(int least, Mistake mistake, bool looksBefore = true, bool looksAfter = true)
    {
        var (decisions, forbidden) = (0, 0);
        List<string> differences = [];
        for (var seed = 0; decisions < least; seed++)
        {
            var city = new RandomCity(seed);
            var random = new Random(seed);
            var empty = city.State.PolicyRows.Values.Aggregate(city.State, (state, row) => Apply(state, new GovernanceEvent.PolicyRowRemoved(row.Id, "", RandomCity.Now)));
            List<PolicyRow> rows = [.. city.State.PolicyRows.Values.Select(row => row with { Actions = [.. Pick(random, Actions)], Effect = random.Next(4) is 0 ? row.Effect : RuleEffect.Deny })];
            var state = rows.Aggregate(empty, (current, row) => Apply(current, new GovernanceEvent.PolicyRowSet(row)));

            // What a caller may read decides what it may propose: that is the same in both.
            var free = rows.Where(row => row.Actions.Contains(PolicyAction.Read))
                .Aggregate(empty, (current, row) => Apply(current, new GovernanceEvent.PolicyRowSet(row with { Actions = [PolicyAction.Read] })));
            for (var push = 0; push < 60; push++)
            {
                var caller = new Caller(Pick(random, RandomCity.Departments), new ClientId("machine"), Role.DepartmentSystem);
                var purpose = Pick(random, RandomCity.Purposes);
                string[] header = [.. city.Definition.Fields.Select(field => field.Name).Where(_ => random.Next(2) is 0).DefaultIfEmpty("responsible")];
                var before = random.Next(4) is 0 ? null : StateOf(city);
                var values = StateOf(city);
                PushedValue[] pushed = [.. header.Select(name => random.Next(5) is 0 ? PushedValue.NotSent : PushedValue.Of(values.Values[city.Definition.IndexOf(name)]))];
                var system = $"{caller.Department}-desk";
                RecordDecision Decide(GovernanceState governance) => RecordRules.Decide(
                    PushColumns.Resolve(governance, caller, new(RandomCity.Resource, system, header, UnownedFields.Propose, purpose), RandomCity.Now).Value,
                    before,
                    before is null ? "T1" : null,
                    0,
                    pushed);

                var allowed = Decide(free);
                if (allowed.NewState is not { } after)
                {
                    continue;
                }

                var accepted = after.Values.ToArray();
                foreach (var proposal in allowed.Proposals)
                {
                    accepted[proposal.FieldIndex] = proposal.Value;
                }

                var opener = (before ?? after).Opener.Value;
                var rowBefore = before is null ? null : new CityRow(city.Definition, before.Values.ToArray(), opener);
                bool IsForbidden(int index, PolicyAction action, params FieldValue[][] becomes)
                {
                    var interpreter = new AccessInterpreter(state, caller.Department, action, purpose, RandomCity.Now, mistake);
                    var field = city.Definition.Fields[index];
                    return (rowBefore is not null && looksBefore && interpreter.Forbids(field, rowBefore))
                        || (looksAfter && becomes.Any(values => interpreter.Forbids(field, new CityRow(city.Definition, values, opener))));
                }

                ImmutableArray<string> expected =
                [
                    .. allowed.ChangedFields.ToArray().Where(index => IsForbidden(index, PolicyAction.Write, after.Values.ToArray())).Select(index => city.Definition.Fields[index].Name),
                    .. allowed.ChangedFields.IsEmpty && before is null && Enumerable.Range(0, accepted.Length).All(index => IsForbidden(index, PolicyAction.Write, after.Values.ToArray())) ? [""] : Array.Empty<string>(),
                    .. allowed.Proposals.Where(proposal => IsForbidden(proposal.FieldIndex, PolicyAction.Propose, after.Values.ToArray(), accepted)).Select(proposal => city.Definition.Fields[proposal.FieldIndex].Name),
                ];
                var decision = Decide(state);
                decisions += allowed.ChangedFields.Length + allowed.Proposals.Length;
                forbidden += expected.Length;
                if (!decision.Errors.Select(error => error.Field).SequenceEqual(expected)
                    || decision.Outcome != (expected.IsEmpty ? allowed.Outcome : RecordOutcome.Rejected))
                {
                    differences.Add($"city {seed}, push {push} by {caller.Department}: the rows forbid {string.Join(' ', expected)}, the push {string.Join(' ', decision.Errors)}");
                }
            }
        }

        return (forbidden, differences);
    }

    private static RecordState StateOf(RandomCity city)
    {
        var row = city.Row();
        return new(1, new DepartmentId(row.Opener), row.Opener, "T1", [.. city.Definition.Fields.Select(field => row.Get(field.Number))], []);
    }

    private static GovernanceState Apply(GovernanceState state, GovernanceEvent happened) => state.Apply(happened, state.Position + 1);

    private static T Pick<T>(Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
