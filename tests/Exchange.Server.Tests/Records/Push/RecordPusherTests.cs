using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Push;
using Google.Protobuf;
using GovernanceEvent = Exchange.Catalog.Governance.GovernanceEvent;
using Level = Exchange.Catalog.Level;
using OpenClass = Exchange.Catalog.OpenClass;
using OwnerRule = Exchange.Catalog.OwnerRule;
using Purpose = Exchange.Protos.V1.Purpose;
using SharingClass = Exchange.Catalog.SharingClass;
using SharingEntry = Exchange.Catalog.SharingEntry;
using SharingList = Exchange.Catalog.SharingList;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

public sealed class RecordPusherTests(PushFixture fixture) : IClassFixture<PushFixture>
{
    private static readonly string[] Every = [.. City.Fields.Where(field => field.Owner is OwnerRule.Opener && !field.Retired).Select(field => field.Name)];

    [Fact]
    public async Task A_first_push_opens_the_record_and_stores_every_value()
    {
        var receipt = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, Every), Own("open-1", EveryValue()));

        var result = Assert.Single(receipt.Results);
        Assert.Equal((RecordOutcome.Accepted, 1L), (result.Outcome, result.Version));
        Assert.Equal(RecordId.Create(City.Complaint, "centre-desk", "open-1").ToString(), result.RecordId);
        Assert.Equal("噪音 at night|123.4567|t|{a,\"b c\"}|2015-01-31|2015-01-31 08:00:00.000001+00|7|centre|centre-desk|open-1|1", await fixture.ScalarAsync<string>(
            $"""
            SET timezone = 'UTC';
            SELECT concat_ws('|', title, fee, confidential, tags, due, accepted_at, calls, opener_department, source_system, source_id, version)
            FROM subject.complaint WHERE record_id = '{result.RecordId}'
            """));
        var opened = Assert.Single(await fixture.EventsAsync(result.RecordId));
        Assert.Equal(("centre-desk", "open-1"), opened.OpenedAs);
        Assert.Equal(Every.Length, opened.Changes.Length);
        Assert.Equal([2, 3], opened.SealedFields);
    }

    [Fact]
    public async Task Equal_values_again_are_unchanged_and_store_no_event()
    {
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, Every), Own("equal", EveryValue()));
        var before = await fixture.CountEventsAsync();

        var receipt = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, Every), Own("equal", EveryValue()));

        Assert.Equal((RecordOutcome.Unchanged, 1L), (receipt.Results[0].Outcome, receipt.Results[0].Version));
        Assert.Equal(before, await fixture.CountEventsAsync());
    }

    [Fact]
    public async Task Only_what_changed_stands_in_the_event_with_the_condition_fields_before_and_after()
    {
        var header = fixture.Header(City.Centre, "title", "responsible", "calls");
        var first = await fixture.PushAsync(City.Centre, header, Own("changed", Text("a"), Code("housing"), new Value { Integer = 1 }));
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "responsible", "calls"), Own("changed", Text("a"), Code("traffic"), Clear));

        var events = await fixture.EventsAsync(first.Results[0].RecordId);

        Assert.Equal([(5, FieldValue.Code("traffic")), (13, default)], events[1].Changes.Select(change => (change.Number, change.Value)));
        Assert.Equal([(4, default), (5, FieldValue.Code("housing"))], events[1].Before.Select(change => (change.Number, change.Value)));
        Assert.Equal([(4, default), (5, FieldValue.Code("traffic"))], events[1].After.Select(change => (change.Number, change.Value)));
        Assert.Empty(events[0].Before);
        Assert.Equal(["a|traffic||2"], [await fixture.ScalarAsync<string>(
            "SELECT concat(title, '|', responsible, '|', calls, '|', version) FROM subject.complaint WHERE source_id = 'changed'")]);
    }

    [Fact]
    public async Task Values_of_levels_3_and_4_stand_in_no_column_of_the_log()
    {
        const string Canary = "canary-7b1e";
        await fixture.PushAsync(
            City.Centre, fixture.Header(City.Centre, "title", "content", "phone"), Own("sealed", Text("open words"), Text(Canary), Text("0571-" + Canary)));

        Assert.Equal(0L, await fixture.ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE position(convert_to('{Canary}', 'UTF8') in payload) > 0"));
        Assert.Equal(1L, await fixture.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE position(convert_to('open words', 'UTF8') in payload) > 0"));
    }

    [Fact]
    public async Task A_sharing_list_decides_what_is_sealed_for_its_owner()
    {
        var entry = new SharingEntry
        {
            FieldNumber = 7, Level = Level.Sensitive, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen,
        };
        fixture.Governance = City.State.With(new GovernanceEvent.SharingListChanged(
            new SharingList { Department = City.Housing.Department, Resource = City.Complaint, Entries = [entry], Revision = 1 }));
        var opened = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "responsible"), Own("listed", Text("a"), Code("housing")), Own("unlisted", Text("a"), Code("traffic")));

        await fixture.PushAsync(City.Housing, fixture.Header(City.Housing, "result"), OpenedAs("centre-desk", "listed", Text("done well")));
        await fixture.PushAsync(City.Traffic, fixture.Header(City.Traffic, "result"), OpenedAs("centre-desk", "unlisted", Text("done well")));

        Assert.Equal([7], (await fixture.EventsAsync(opened.Results[0].RecordId))[1].SealedFields);
        Assert.Equal("done well", (await fixture.EventsAsync(opened.Results[0].RecordId))[1].Changes[0].Value.AsText);
        Assert.Empty((await fixture.EventsAsync(opened.Results[1].RecordId))[1].SealedFields);
    }

    [Fact]
    public async Task A_sealed_value_stays_sealed_when_its_record_passes_to_an_owner_who_seals_nothing()
    {
        const string Canary = "canary-5e02";
        var entry = new SharingEntry
        {
            FieldNumber = 7, Level = Level.Sensitive, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen,
        };
        fixture.Governance = City.State.With(
            new GovernanceEvent.SharingListChanged(new SharingList { Department = City.Housing.Department, Resource = City.Complaint, Entries = [entry], Revision = 1 }),
            new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "filtered", "title") with { RowFilter = "result = \"done\"" }));
        var opened = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "responsible"), Own("passed-on", Text("a"), Code("housing")));
        await fixture.PushAsync(City.Housing, fixture.Header(City.Housing, "result"), OpenedAs("centre-desk", "passed-on", Text(Canary)));

        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "responsible"), Own("passed-on", Code("traffic")));

        Assert.Equal(0L, await fixture.ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE position(convert_to('{Canary}', 'UTF8') in payload) > 0"));
        var last = (await fixture.EventsAsync(opened.Results[0].RecordId))[^1];
        fixture.Governance = City.State;
        Assert.Equal(Canary, last.After.Single(value => value.Number is 7).Value.AsText);
    }

    [Fact]
    public async Task A_field_of_another_department_rejects_its_record_only()
    {
        await fixture.PushAsync(
            City.Centre, fixture.Header(City.Centre, "title", "responsible"),
            Own("owned-1", Text("a"), Code("housing")), Own("owned-2", Text("a"), Code("traffic")), Own("owned-3", Text("a"), Code("housing")));
        var before = await fixture.CountEventsAsync();

        var receipt = await fixture.PushAsync(
            City.Housing, fixture.Header(City.Housing, "status", "title", "grid_note"),
            OpenedAs("centre-desk", "owned-1", Code("done"), NotSent, NotSent),
            OpenedAs("centre-desk", "owned-2", Code("done"), Text("mine"), Text("mine")),
            OpenedAs("centre-desk", "owned-3", Code("done"), Text("mine"), NotSent));

        Assert.Equal([RecordOutcome.Accepted, RecordOutcome.Rejected, RecordOutcome.Rejected], receipt.Results.Select(result => result.Outcome));
        Assert.Equal(
            [
                "grid_note FIELD_NOT_OWNED the field belongs to `grid`: propose the value instead (`unowned_fields` PROPOSE)",
                "status FIELD_NOT_OWNED the field belongs to the department that `responsible` named before this push: propose the value instead (`unowned_fields` PROPOSE)",
                "title FIELD_NOT_OWNED the field belongs to the department that opened the record: propose the value instead (`unowned_fields` PROPOSE)",
            ],
            receipt.Results[1].Errors.Select(Told).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["title FIELD_NOT_OWNED the field belongs to the department that opened the record: propose the value instead (`unowned_fields` PROPOSE)"], receipt.Results[2].Errors.Select(Told));

        // Also the field that it owns: a rejected record is left whole.
        Assert.Equal(before + 1, await fixture.CountEventsAsync());
        Assert.Equal("owned-1|a|done||2 owned-2|a|||1 owned-3|a|||1", await fixture.ScalarAsync<string>(
            "SELECT string_agg(concat(source_id, '|', title, '|', status, '|', grid_note, '|', version), ' ' ORDER BY source_id) FROM subject.complaint WHERE source_id LIKE 'owned-_'"));
    }

    [Fact]
    public async Task Two_clients_of_a_department_may_use_the_same_push_id_for_whatever_they_send()
    {
        var backup = City.Centre with { Client = new ClientId("centre-backup") };
        var header = fixture.Header(City.Centre, "title");
        PushedRecord[] first = [Own("same-key", Text("a"))];
        PushedRecord[] second = [Own("same-key", Text("a")), Own("same-key-too", Text("b"))];
        var same = fixture.Header(City.Centre, "title");

        var mine = await fixture.PushAsync(City.Centre, header, first);
        var theirs = await fixture.PushAsync(backup, header, second);
        var count = await fixture.CountEventsAsync();

        // The same content, too, is each client's own push: the second is decided, not answered from the first one's receipt.
        var opened = await fixture.PushAsync(City.Centre, same, Own("same-content", Text("c")));
        var unchanged = await fixture.PushAsync(backup, same, Own("same-content", Text("c")));

        Assert.Equal([(RecordOutcome.Accepted, 1L)], mine.Results.Select(result => (result.Outcome, result.Version)));
        Assert.Equal([(RecordOutcome.Unchanged, 1L), (RecordOutcome.Accepted, 1L)], theirs.Results.Select(result => (result.Outcome, result.Version)));
        Assert.Equal((RecordOutcome.Accepted, RecordOutcome.Unchanged), (opened.Results[0].Outcome, unchanged.Results[0].Outcome));
        Assert.Equal(mine, await fixture.PushAsync(City.Centre, header, first));
        Assert.Equal(theirs, await fixture.PushAsync(backup, header, second));
        Assert.Equal(count + 1, await fixture.CountEventsAsync());
        Assert.Equal(RefusalReason.IdempotencyKeyReused, (await fixture.TryPushAsync(backup, header, 1, first)).Refusal?.Reason);
    }

    [Fact]
    public async Task Values_of_others_may_be_proposed()
    {
        var opened = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "responsible"), Own("proposed", Text("a"), Code("housing")));
        var header = fixture.Header(City.Housing, "status", "title");
        header.UnownedFields = UnownedFields.Propose;

        var receipt = await fixture.PushAsync(City.Housing, header, ById(opened.Results[0].RecordId, Code("done"), Text("better")));

        Assert.Equal((RecordOutcome.Accepted, 3L), (receipt.Results[0].Outcome, receipt.Results[0].Version));
        var events = await fixture.EventsAsync(opened.Results[0].RecordId);
        Assert.Equal([false, false, true], events.Select(e => e.IsProposal));
        Assert.Equal("better", events[2].Changes[0].Value.AsText);
        Assert.Equal("a|done|3", await fixture.ScalarAsync<string>("SELECT concat_ws('|', title, status, version) FROM subject.complaint WHERE source_id = 'proposed'"));
    }

    [Fact]
    public async Task Source_versions_are_kept_and_older_ones_change_nothing()
    {
        var results = new List<RecordResult>();
        foreach (var (version, title) in new[] { (3L, "third"), (2L, "second"), (3L, "other"), (3L, "third"), (4L, "third"), (3L, "third") })
        {
            var record = Own("versioned", Text(title));
            record.SourceVersion = version;
            results.AddRange((await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), record)).Results);
        }

        Assert.Equal(
            ["Accepted", "Unchanged STALE_SOURCE_VERSION", "Rejected SOURCE_VERSION_CONFLICT", "Unchanged", "Unchanged", "Unchanged STALE_SOURCE_VERSION"],
            results.Select(result => string.Join(' ', result.Errors.Select(error => error.Reason).Prepend(result.Outcome.ToString()))));
        Assert.Equal("{\"centre-desk\": 4}", await fixture.ScalarAsync<string>("SELECT source_versions::text FROM subject.complaint WHERE source_id = 'versioned'"));
    }

    [Fact]
    public async Task A_record_twice_in_one_batch_is_decided_in_order()
    {
        var receipt = await fixture.PushAsync(
            City.Centre, fixture.Header(City.Centre, "title", "calls"),
            Own("twice", Text("first"), NotSent), Own("twice", Text("second"), new Value { Integer = 2 }), Own("twice", Text("second"), NotSent));

        Assert.Equal(
            [(RecordOutcome.Accepted, 1L), (RecordOutcome.Accepted, 2L), (RecordOutcome.Unchanged, 2L)], receipt.Results.Select(result => (result.Outcome, result.Version)));
        Assert.Equal("second|2|2", await fixture.ScalarAsync<string>("SELECT concat_ws('|', title, calls, version) FROM subject.complaint WHERE source_id = 'twice'"));
    }

    [Fact]
    public async Task The_same_push_again_gives_the_same_receipt_and_other_content_is_refused()
    {
        var header = fixture.Header(City.Centre, "title", "fee");
        PushedRecord[] records =
        [
            Own("again-1", Text("a")), Own("again-2", Text("b"), new Value { Decimal = "x" }), Own("", Text("c"), NotSent), Own("again-4", Text("d"), NotSent), ById("not a uuid"),
        ];
        var first = await fixture.PushAsync(City.Centre, header, records);
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), Own("again-4", Text("changed meanwhile")));
        var count = await fixture.CountEventsAsync();

        var again = await fixture.PushAsync(City.Centre, header, records);
        var other = await fixture.TryPushAsync(City.Centre, header, 1, Own("again-1", Text("other")));

        Assert.Equal(first, again);
        Assert.Equal(["VALUE_COUNT", "WRONG_TYPE", "INVALID_REFERENCE", "", "INVALID_REFERENCE"], first.Results.Select(result => result.Errors.FirstOrDefault()?.Reason ?? ""));
        Assert.Equal(RefusalReason.IdempotencyKeyReused, other.Refusal?.Reason);
        Assert.Equal(count, await fixture.CountEventsAsync());
    }

    [Fact]
    public async Task What_the_log_keeps_of_a_batch_cannot_be_made_by_guessing_its_content()
    {
        var header = fixture.Header(City.Centre, "phone");
        var record = Own("guessed", Text("0571 5550 199"));

        await fixture.PushAsync(City.Centre, header, record);

        var batch = new PushedBatch { Sequence = 1, Records = { record } };
        byte[] content = [.. header.ToByteArray(), .. batch.ToByteArray()];
        var kept = await fixture.ScalarAsync<byte[]>($"SELECT fingerprint FROM log.idempotency WHERE key = '{header.PushId}/1' ORDER BY scope LIMIT 1");
        Assert.NotEqual(SHA256.HashData(content), kept);
        Assert.Equal(HMACSHA256.HashData(fixture.FingerprintKey, content), kept);
    }

    [Fact]
    public async Task The_purpose_of_a_push_is_kept_with_its_events()
    {
        var opening = fixture.Header(City.Centre, "title", "responsible");
        opening.Purpose = Purpose.Emergency;
        var opened = await fixture.PushAsync(City.Centre, opening, Own("purposeful", Text("a"), Code("housing")));
        var proposing = fixture.Header(City.Housing, "title");
        (proposing.Purpose, proposing.UnownedFields) = (Purpose.GovService, UnownedFields.Propose);
        await fixture.PushAsync(City.Housing, proposing, ById(opened.Results[0].RecordId, Text("better")));
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), Own("purposeful", Text("b")));

        Assert.Equal(
            [(int)Purpose.Emergency, (int)Purpose.GovService, 0], (await fixture.EventsAsync(opened.Results[0].RecordId)).Select(stored => stored.Purpose));
    }

    [Fact]
    public async Task A_batch_that_waited_while_a_sharing_list_changed_is_sealed_by_the_new_list()
    {
        const string Canary = "waited for its locks";
        var form = PushHeaderForm.Parse(fixture.Header(City.Centre, "title")).Value;
        var plan = (await fixture.Pusher.PlanAsync(City.Centre, form, CancellationToken.None)).Value;
        var batch = RecordPusher.Prepare(plan, BatchContent.Of(new PushedBatch { Sequence = 1, Records = { Own("waited", Text(Canary)) } })).Value;
        var entry = new SharingEntry { FieldNumber = 1, Level = Level.Sensitive, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen };
        fixture.Governance = City.State.With(new GovernanceEvent.SharingListChanged(
            new SharingList { Department = City.Centre.Department, Resource = City.Complaint, Entries = [entry], Revision = 1 }));

        var receipt = (await fixture.TryPushAsync(City.Centre, form, batch)).Value;

        var stored = Assert.Single(await fixture.EventsAsync(receipt.Results[0].RecordId));
        fixture.Governance = City.State;
        Assert.Equal([1], stored.SealedFields);
        Assert.Equal(Canary, stored.Changes[0].Value.AsText);
        Assert.Equal(0L, await fixture.ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE position(convert_to('{Canary}', 'UTF8') in payload) > 0"));
    }

    [Fact]
    public async Task A_record_that_the_caller_has_no_part_in_does_not_tell_how_often_it_changed()
    {
        var opened = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "responsible"), Own("no-part", Text("a"), Code("housing")));
        var id = opened.Results[0].RecordId;
        var header = fixture.Header(City.Traffic, "title");
        header.UnownedFields = UnownedFields.Propose;

        var proposed = await fixture.PushAsync(City.Traffic, header, ById(id, Text("b")));
        var unchanged = await fixture.PushAsync(City.Traffic, fixture.Header(City.Traffic, "result"), ById(id, NotSent));
        var owners = await fixture.PushAsync(City.Housing, fixture.Header(City.Housing, "result"), ById(id, Clear));
        var openers = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), ById(id, NotSent));

        Assert.Equal((RecordOutcome.Proposed, 0L), (proposed.Results[0].Outcome, proposed.Results[0].Version));
        Assert.Equal((RecordOutcome.Unchanged, 0L), (unchanged.Results[0].Outcome, unchanged.Results[0].Version));
        Assert.Equal((RecordOutcome.Unchanged, 2L), (owners.Results[0].Outcome, owners.Results[0].Version));
        Assert.Equal((RecordOutcome.Unchanged, 2L), (openers.Results[0].Outcome, openers.Results[0].Version));
    }

    [Fact]
    public async Task A_rejected_record_does_not_tell_how_often_it_changed()
    {
        var opened = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), Own("unseen", Text("a")));

        var receipt = await fixture.PushAsync(City.Housing, fixture.Header(City.Housing, "secret_note"), ById(opened.Results[0].RecordId, Text("guess")));

        Assert.Equal((RecordOutcome.Rejected, 0L), (receipt.Results[0].Outcome, receipt.Results[0].Version));
    }

    [Fact]
    public async Task A_batch_with_bad_references_only_uses_its_key_too()
    {
        var header = fixture.Header(City.Centre, "title");
        await fixture.PushAsync(City.Centre, header, ById("bad", Text("a")));

        Assert.Equal(RefusalReason.IdempotencyKeyReused, (await fixture.TryPushAsync(City.Centre, header, 1, ById("worse", Text("a")))).Refusal?.Reason);
    }

    [Fact]
    public async Task Bad_values_are_told_all_at_once_and_with_their_reasons()
    {
        var before = await fixture.CountEventsAsync();

        var receipt = await fixture.PushAsync(
            City.Centre, fixture.Header(City.Centre, "title", "phone", "responsible", "due", "old", "calls", "fee"),
            Own("bad", Text(new string('长', 401)), Text("0123456789012345678901"), Code("nobody"), new Value { Date = int.MaxValue }, Text("gone"), Text("seven"), new Value { Decimal = "1e9" }));

        Assert.Equal((RecordOutcome.Rejected, 0L), (receipt.Results[0].Outcome, receipt.Results[0].Version));
        Assert.Equal(
            [
                "calls WRONG_TYPE the field is an INTEGER: send the value as `integer`",
                "due OUT_OF_RANGE dates and timestamps lie in the years 1 to 9999",
                "fee WRONG_TYPE a decimal is written in plain notation, e.g. `-12.50`",
                "old RETIRED_FIELD the field is retired: leave it out",
                "phone TOO_LONG the field holds at most 20 characters",
                "responsible UNKNOWN_CODE the code is not in the code list `departments`: send one that GetCodeList lists, or ask the list's publisher to add it",
                "title TOO_LONG the field holds at most 400 characters",
            ],
            receipt.Results[0].Errors.Select(Told).Order(StringComparer.Ordinal));
        Assert.Equal(before, await fixture.CountEventsAsync());
        Assert.Equal(0L, await fixture.ScalarAsync<long>("SELECT count(*) FROM subject.complaint WHERE source_id = 'bad'"));
    }

    [Fact]
    public async Task A_record_that_is_not_there_is_opened_by_its_own_number_only()
    {
        var receipt = await fixture.PushAsync(
            City.Centre, fixture.Header(City.Centre, "title"), ById(Guid.NewGuid().ToString(), Text("a")), OpenedAs("centre-desk", "never", Text("a")), Own("unrequired"));

        Assert.Equal(["RECORD_NOT_FOUND", "RECORD_NOT_FOUND", "VALUE_COUNT"], receipt.Results.Select(result => result.Errors[0].Reason));
        Assert.Equal("REQUIRED", (await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "calls"), Own("untitled", new Value { Integer = 1 }))).Results[0].Errors[0].Reason);
    }

    [Fact]
    public async Task Warnings_are_kept_with_the_event()
    {
        var record = Own("warned", Text("a"));
        record.Warnings.Add("CLOSED_BEFORE_OPENED");

        var receipt = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), record);

        Assert.Equal(["CLOSED_BEFORE_OPENED"], (await fixture.EventsAsync(receipt.Results[0].RecordId))[0].Warnings);
    }

    [Fact]
    public async Task Lexemes_follow_the_searchable_fields()
    {
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "content"), Own("searched", Text("漏水"), Text("Pipe leak")));
        await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), Own("searched", Text("噪音")));

        Assert.Equal("'1/噪音' '1/音' '2/leak' '2/pipe'", await fixture.ScalarAsync<string>("SELECT search::text FROM subject.complaint WHERE source_id = 'searched'"));
    }

    [Fact]
    public async Task Texts_with_more_words_than_the_index_keeps_are_refused()
    {
        var words = new System.Text.StringBuilder();
        for (var number = 0; words.Length < 199_000; number++)
        {
            words.Append((char)(0x4E00 + (number * 7 % 20_000))).Append((char)(0x4E00 + (number * 13 % 19_997)));
        }

        var receipt = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title", "content"), Own("wordy", Text("a"), Text(words.ToString())));

        Assert.Equal(("content", "TOO_LONG"), receipt.Results[0].Errors.Select(error => (error.Field, error.Reason)).Single());
    }

    [Fact]
    public async Task A_batch_of_records_in_many_partitions_is_stored_whole()
    {
        var records = Enumerable.Range(0, 2_000).Select(number => Own($"many-{number}", Text($"title {number}"))).ToArray();

        var receipt = await fixture.PushAsync(City.Centre, fixture.Header(City.Centre, "title"), records);

        Assert.All(receipt.Results, result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
        Assert.Equal(2_000L, await fixture.ScalarAsync<long>("SELECT count(*) FROM subject.complaint WHERE source_id LIKE 'many-%' AND title = 'title ' || substr(source_id, 6)"));
        Assert.Equal(
            Enumerable.Range(0, 2_000).Select(number => RecordId.Create(City.Complaint, "centre-desk", $"many-{number}").ToString()), receipt.Results.Select(result => result.RecordId));
    }

    private static string Told(FieldError error) => $"{error.Field} {error.Reason} {error.Message}";

    private static Value[] EveryValue() =>
        [.. Every.Select(name => name switch
        {
            "title" => Text("噪音 at night"),
            "content" => Text("they shout"),
            "phone" => Text("0571 5550 123"),
            "confidential" => new Value { Boolean = true },
            "responsible" => Code("housing"),
            "tags" => new Value { TextList = new TextList { Values = { "a", "b c" } } },
            "fee" => new Value { Decimal = "123.4567" },
            "due" => new Value { Date = 16_466 },
            "accepted_at" => new Value { Timestamp = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = 1_422_691_200, Nanos = 1_000 } },
            "calls" => new Value { Integer = 7 },
            _ => Text("kept"),
        })];
}
