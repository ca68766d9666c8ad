using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Policies.Rows;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Policies;

public sealed class ExplainTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task Every_field_comes_with_its_answer_its_rules_and_the_next_step()
    {
        var explained = await ExplainAsync(city.ClientOf(City.Archive), Request());

        var fields = explained.Fields.ToDictionary(field => field.Field);
        Assert.Equal(City.Fields.Select(field => field.Name), explained.Fields.Select(field => field.Field));
        Assert.True(explained.Revision > 0);
        Assert.Equal("", explained.VisibleRecords);
        Assert.Equal((FieldAnswer.Shown, ""), (fields["title"].Answer, fields["title"].NextStep));
        Assert.Equal((FieldAnswer.Masked, MaskKind.TruncateGeo), (fields["place"].Answer, fields["place"].Rules[^1].Mask.Kind));
        Assert.Equal(FieldAnswer.ByRecord, fields["content"].Answer);
        Assert.Equal("opener_department = \"archive\"", fields["content"].Rules.First(rule => rule.Reason is "OWNER").Condition);
        Assert.Equal(FieldAnswer.Withheld, fields["grid_note"].Answer);
        var refusing = Assert.Single(fields["grid_note"].Rules);
        Assert.Equal((PolicyEffect.Deny, "GRANT_REQUIRED"), (refusing.Effect, refusing.Reason));
        Assert.Contains("`grid`", fields["grid_note"].NextStep);
        Assert.Contains("grant", fields["grid_note"].NextStep);
        Assert.Contains("base/not-shared", fields["secret_note"].Rules.SelectMany(rule => rule.Rules));
    }

    [Fact]
    public async Task Of_a_record_each_field_has_the_one_rule_that_decided_it_and_no_value_is_told()
    {
        var record = await OpenAsync("explained", confidential: false);
        var confidential = await OpenAsync("explained-confidential", confidential: true);

        var explained = await ExplainAsync(city.Hub.Operator, Request(record: record));
        var closed = await ExplainAsync(city.Hub.Operator, Request(record: confidential));
        var opener = await ExplainAsync(city.ClientOf(City.Centre), Request(record: confidential, department: "centre"));

        var (fields, closedFields) = (explained.Fields.ToDictionary(field => field.Field), closed.Fields.ToDictionary(field => field.Field));
        Assert.DoesNotContain(explained.Fields, field => field.Answer is FieldAnswer.ByRecord);
        Assert.Equal((FieldAnswer.Shown, "base/unconditional"), (fields["title"].Answer, Assert.Single(Assert.Single(fields["title"].Rules).Rules)));
        Assert.Equal((FieldAnswer.Withheld, "GRANT_REQUIRED"), (fields["content"].Answer, Assert.Single(fields["content"].Rules).Reason));
        Assert.Equal("ask `centre` for a grant of `content` for REGULATION", fields["content"].NextStep);
        Assert.Equal("ask `centre` for a grant of `phone` for REGULATION", fields["phone"].NextStep);
        Assert.Equal("in confidential records `phone` is for the department that opened them only", closedFields["phone"].NextStep);
        Assert.Equal((FieldAnswer.Withheld, "CONFIDENTIAL"), (closedFields["content"].Answer, Assert.Single(closedFields["content"].Rules).Reason));
        Assert.All(opener.Fields.Where(field => field.Field is "title" or "content" or "phone"), field => Assert.Equal((FieldAnswer.Shown, ""), (field.Answer, field.NextStep)));
        Assert.DoesNotContain("13800001111", explained.ToString());
        Assert.DoesNotContain("Streetlight", explained.ToString());
    }

    [Fact]
    public async Task A_record_that_is_hidden_from_the_department_answers_as_one_that_is_not_there()
    {
        var record = await OpenAsync("hidden", confidential: false);
        await city.Hub.SetRowAsync(Row("nothing-for-traffic", PolicyEffect.Deny, "departments/traffic", "resources/complaint"));

        var hidden = await Assert.ThrowsAsync<RpcException>(() => ExplainAsync(city.Hub.Operator, Request(record: record, department: "traffic")));
        var absent = await Assert.ThrowsAsync<RpcException>(
            () => ExplainAsync(city.Hub.Operator, Request(record: $"resources/complaint/records/{Guid.Empty}", department: "traffic")));

        Assert.Equal((StatusCode.NotFound, "RECORD_NOT_FOUND"), (hidden.StatusCode, hidden.Reason()));
        Assert.Equal((absent.StatusCode, absent.Reason()), (hidden.StatusCode, hidden.Reason()));
        Assert.Equal(absent.Status.Detail.Replace($"{Guid.Empty}", "", StringComparison.Ordinal), hidden.Status.Detail.Replace(record[^36..], "", StringComparison.Ordinal));
        var whole = await ExplainAsync(city.Hub.Operator, Request(department: "traffic"));
        Assert.All(whole.Fields, field => Assert.Equal((FieldAnswer.Withheld, "nothing-for-traffic"), (field.Answer, Assert.Single(field.Rules[^1].Rules))));
    }

    [Fact]
    public async Task Whose_access_it_is_not_and_whose_resource_it_is_not_is_told_nothing()
    {
        var keeper = await city.Hub.RegisterAsync("centre", "centre-explainer", Role.Steward);
        var stranger = await city.Hub.RegisterAsync("housing", "housing-explainer", Role.Steward);
        var auditor = await city.Hub.RegisterAsync("housing", "housing-auditor", Role.Auditor);

        foreach (var allowed in new[] { city.ClientOf(City.Archive), keeper, auditor, city.Hub.Operator })
        {
            Assert.NotEmpty((await ExplainAsync(allowed, Request())).Fields);
        }

        Assert.NotEmpty((await ExplainAsync(stranger, Request(department: "housing"))).Fields);
        foreach (var refused in new[] { city.ClientOf(City.Housing), stranger })
        {
            Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => ExplainAsync(refused, Request())));
            Assert.Equal(
                (StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => ExplainAsync(refused, Request(department: "no-department"))));
        }
    }

    [Fact]
    public async Task Every_bad_part_of_the_question_comes_in_one_answer()
    {
        var bad = Request(department: "archive", record: "complaint/7").With(request => (request.Department, request.Resource, request.Action, request.Network) = ("archive", "complaint", PolicyAction.Administer, "next door"));

        var exception = await Assert.ThrowsAsync<RpcException>(() => ExplainAsync(city.Hub.Operator, bad));

        Assert.Equal(["department", "resource", "action", "record", "network"], exception.Detail<BadRequest>()!.FieldViolations.Select(violation => violation.Field));
        Assert.Equal(
            (StatusCode.InvalidArgument, "BAD_REQUEST"),
            await TestStatus.RefusalOf(() => ExplainAsync(city.Hub.Operator, Request(record: $"resources/petition/records/{Guid.Empty}"))));
        Assert.Equal((StatusCode.InvalidArgument, "PURPOSE_REQUIRED"), await TestStatus.RefusalOf(() => ExplainAsync(city.Hub.Operator, Request().With(request => request.Purpose = 0))));
        Assert.Equal((StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"), await TestStatus.RefusalOf(() => ExplainAsync(city.Hub.Operator, Request(department: "no-department"))));
        Assert.Equal(
            (StatusCode.NotFound, "RESOURCE_NOT_FOUND"),
            await TestStatus.RefusalOf(() => ExplainAsync(city.Hub.Operator, Request().With(request => request.Resource = "resources/nothing"))));
    }

    [Fact]
    public async Task Who_explained_whose_access_stands_in_the_audit_trail_as_does_who_was_refused()
    {
        var record = await OpenAsync("audited", confidential: false);
        var steward = await city.Hub.RegisterAsync("centre", "centre-audited", Role.Steward);
        await ExplainAsync(steward, Request(record: record));
        await TestStatus.RefusalOf(() => ExplainAsync(steward, Request(record: $"resources/complaint/records/{Guid.Empty}")));
        await TestStatus.RefusalOf(() => ExplainAsync(steward, Request().With(request => request.Purpose = 0)));

        var trail = await new AuditService.AuditServiceClient(city.Hub.Operator.Invoker).ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = 500 });

        Assert.Equivalent(
            new[]
            {
                $"explain departments/archive {record} 1 OK ",
                $"explain departments/archive resources/complaint/records/{Guid.Empty} 0 NOT_FOUND RECORD_NOT_FOUND",
                "refused   0 INVALID_ARGUMENT PURPOSE_REQUIRED",
            },
            trail.Entries.Where(entry => entry.Client is "centre-audited")
                .Select(entry => $"{entry.Action} {entry.ExplainedDepartment} {entry.Record} {entry.Rows} {entry.Outcome} {entry.Reason}"),
            strict: true);
    }

    [Fact]
    public async Task Reading_and_following_are_explained_each_by_its_own_rows()
    {
        await city.Hub.SetRowAsync(Row("grid-does-not-follow", PolicyEffect.Deny, "departments/grid", "resources/complaint/fields/title").With(row => row.Actions.Remove(PolicyAction.Read)));

        var read = await ExplainAsync(city.ClientOf(City.Grid), Request(department: "grid"));
        var follow = await ExplainAsync(city.ClientOf(City.Grid), Request(department: "grid").With(request => request.Action = PolicyAction.Follow));

        Assert.Equal((FieldAnswer.Shown, FieldAnswer.Withheld), (read.Fields[0].Answer, follow.Fields[0].Answer));
    }

    [Fact]
    public async Task A_row_that_asks_for_the_address_is_explained_for_the_one_that_is_named()
    {
        await city.Hub.SetRowAsync(Row("tags-from-the-office", PolicyEffect.Deny, "departments/housing", "resources/complaint/fields/tags").With(row => row.Condition = "!ipMatch(r.context.network, '10.1.0.0/16')"));
        Task<ExplainResponse> From(TestClient client, string network) =>
            ExplainAsync(client, Request(department: "housing").With(request => request.Network = network));
        static (FieldAnswer, string) Tags(ExplainResponse explained) =>
            explained.Fields.Where(field => field.Field is "tags").Select(field => (field.Answer, field.Rules[0].Reason)).Single();

        Assert.Equal(FieldAnswer.Shown, Tags(await From(city.Hub.Operator, "10.1.2.3")).Item1);
        Assert.Equal((FieldAnswer.Withheld, "FORBIDDEN"), Tags(await From(city.Hub.Operator, "10.2.2.3")));
        var fromNowhere = await From(city.Hub.Operator, "");
        Assert.Equal((FieldAnswer.Withheld, "RULE_FAILED"), Tags(fromNowhere));
        Assert.Equal(
            "policy row `tags-from-the-office` asks for the caller's address: name the one to explain",
            fromNowhere.Fields.Single(field => field.Field is "tags").NextStep);
        Assert.Equal((FieldAnswer.Withheld, "FORBIDDEN"), Tags(await From(city.ClientOf(City.Housing), "")));
    }

    private static ExplainRequest Request(string record = "", string department = "archive") => new()
    {
        Department = $"departments/{department}", Resource = "resources/complaint", Purpose = Purpose.Regulation, Record = record,
    };

    private static Task<ExplainResponse> ExplainAsync(TestClient client, ExplainRequest request) => PoliciesOf(client).ExplainAsync(request).ResponseAsync;

    private async Task<string> OpenAsync(string id, bool confidential)
    {
        var pushed = await city.PushAsync(
            City.Centre,
            city.Header(City.Centre, "title", "content", "phone", "confidential"),
            Own(id, Text("Streetlight out"), Text("Streetlight out since Monday"), Text("13800001111"), new Value { Boolean = confidential }));
        return $"resources/complaint/records/{Assert.Single(pushed.Results).RecordId}";
    }
}
