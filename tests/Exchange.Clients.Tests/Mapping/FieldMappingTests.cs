using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Mapping;

public sealed class FieldMappingTests
{
    [Fact]
    public async Task Columns_constants_joins_and_defaults_fill_fields()
    {
        var mapped = await MappedText.OfFields(
            """
            title: subject
            address: {columns: [street, no], join: ", "}
            source_code_system: {value: demo}
            district: {column: area, default: unknown}
            support_count: votes
            confidentiality_flag: secret
            """,
            "id,subject,street,no,area,votes,secret\n7, Leaking pipe ,High St,,,12,yes\n");

        var record = mapped.Rows[0].Parts[0]!;
        Assert.Equal(("hotline", "hotline-tickets", "7"), (record.Department, record.SourceSystem, record.Record.SourceId));
        Assert.Equal("Leaking pipe", mapped.Value(0, "title")?.Text);
        Assert.Equal("High St", mapped.Value(0, "address")?.Text);
        Assert.Equal("demo", mapped.Value(0, "source_code_system")?.Text);
        Assert.Equal("unknown", mapped.Value(0, "district")?.Text);
        Assert.Equal(12, mapped.Value(0, "support_count")?.Integer);
        Assert.True(mapped.Value(0, "confidentiality_flag")?.Boolean);
    }

    [Fact]
    public async Task Text_is_cut_extracted_padded_and_listed()
    {
        var mapped = await MappedText.OfFields(
            """
            tags: {column: words, split: "|"}
            street: {column: path, split: ">", item: -1}
            postcode: {column: zip, extract: '^([0-9]+)(?:\.0)?$', pad_zeros: 5}
            area_codes:
              list:
                - {column: ward, prefix: "ward:"}
                - {column: zip, extract: '^[0-9]+', prefix: "zip:"}
            """,
            "id,words,path,zip,ward\n1,a| b ||c,x > y > z,2215.0,\n2,,,,9\n3,q,,22x,\n");

        Assert.Equal(["a", "b", "c"], mapped.Value(0, "tags")!.TextList.Values);
        Assert.Equal("z", mapped.Value(0, "street")?.Text);
        Assert.Equal("02215", mapped.Value(0, "postcode")?.Text);
        Assert.Equal(["zip:2215"], mapped.Value(0, "area_codes")!.TextList.Values);
        Assert.Equal(["ward:9"], mapped.Value(1, "area_codes")!.TextList.Values);
        Assert.Null(mapped.Value(1, "tags"));
        Assert.Equal(["UNEXPECTED_FORMAT@zip"], mapped.Reasons);
    }

    [Fact]
    public async Task Codes_are_mapped_and_unknown_ones_are_refused_unless_the_mapping_says_otherwise()
    {
        var mapped = await MappedText.OfFields(
            """
            channel: {column: door, codes: {phone: HOTLINE_12345, fax: ~}}
            urgency: {column: haste, codes: {high: URGENT}, otherwise: NORMAL, otherwise_warning: URGENCY_UNKNOWN}
            """,
            "id,door,haste\n1,phone,high\n2,fax,odd\n3,pigeon,\n");

        Assert.Equal("HOTLINE_12345", mapped.Value(0, "channel")?.Code);
        Assert.Null(mapped.Value(1, "channel"));
        Assert.Equal("NORMAL", mapped.Value(1, "urgency")?.Code);
        Assert.Equal(["URGENCY_UNKNOWN"], mapped.Rows[1].Parts[0]!.Record.Warnings);
        Assert.Equal(["UNKNOWN_CODE@door"], mapped.Reasons);
    }

    [Fact]
    public async Task A_column_of_a_code_system_is_pushed_as_the_source_s_code()
    {
        var mapped = await MappedText.OfFields(
            """
            channel: {column: door, code_system: city-a, pad_zeros: 2}
            urgency: {column: haste, code_system: city-a, codes: {high: "3"}, otherwise: "1"}
            """,
            "id,door,haste\n1,7,high\n2,,odd\n");

        Assert.Equal([("07", "city-a"), ("3", "city-a")], mapped.Rows[0].Parts[0]!.Record.Values.Select(value => (value.SourceCode, value.CodeSystem)));
        Assert.Equal([("", ""), ("1", "city-a")], mapped.Rows[1].Parts[0]!.Record.Values.Select(value => (value.SourceCode, value.CodeSystem)));
        Assert.All(mapped.Rows.SelectMany(row => row.Parts[0]!.Record.Values), value => Assert.Equal(Value.KindOneofCase.None, value.KindCase));
        Assert.Empty(mapped.Reasons);
    }

    [Fact]
    public async Task The_first_rule_in_the_surest_passage_decides_and_the_share_recognised_is_counted()
    {
        var mapped = await MappedText.OfFields(
            """
            responsible_department:
              column: reply
              passages: ['signed (.*)$', '(?s)^.*$']
              rules:
                - {match: hotline, to: hotline}
                - {match: housing, to: housing}
              otherwise: hotline
              otherwise_warning: DEPARTMENT_DEFAULTED
            """,
            "id,reply\n1,the hotline asked; signed housing\n2,housing and hotline\n3,nobody\n4,\n");

        Assert.Equal(["housing", "hotline", "hotline"], Enumerable.Range(0, 3).Select(i => mapped.Value(i, "responsible_department")?.Text));
        Assert.Null(mapped.Rows[3].Parts[0]);
        Assert.Equal((2, 3), mapped.Statistics.Recognition["responsible_department"]);
        Assert.Equal(1, mapped.Statistics.Warnings["DEPARTMENT_DEFAULTED"]);
    }

    [Fact]
    public async Task A_point_needs_both_degrees_and_can_be_left_out_by_another_column()
    {
        const string Mapping = """
            mapping: 1
            resource: complaint
            departments: {grid-centre: grid-reports}
            parts:
              - name: place
                department: grid-centre
                id: id
                fields:
                  location: {latitude: lat, longitude: lon, unless: {column: how, match: guess, warning: NOT_GEOCODED}}
                  grid_code: how
            """;

        var mapped = await MappedText.OfMapping(Mapping, "id,lat,lon,how\n1,42.5,-71,gps\n2,42.5,-71,guess\n3,91,0,gps\n4,1,,gps\n5,,,gps\n");

        Assert.Equal(new Point { Latitude = 42.5, Longitude = -71 }, mapped.Value(0, "location")?.Point);
        Assert.Null(mapped.Value(1, "location"));
        Assert.Equal(["NOT_GEOCODED"], mapped.Rows[1].Parts[0]!.Record.Warnings);
        Assert.Equal(["INVALID_POINT@lat", "INVALID_POINT@lat"], mapped.Reasons);
        Assert.Null(mapped.Value(4, "location"));
    }

    [Fact]
    public async Task A_warning_of_a_part_with_nothing_to_send_is_kept_with_the_row()
    {
        const string Mapping = """
            mapping: 1
            resource: complaint
            departments: {hotline: hotline-tickets, grid-centre: grid-reports}
            parts:
              - name: intake
                department: hotline
                id: id
                fields: {title: subject}
              - name: place
                department: grid-centre
                opened_as: intake
                fields:
                  location: {latitude: lat, longitude: lon, unless: {column: how, match: guess, warning: NOT_GEOCODED}}
            """;

        var mapped = await MappedText.OfMapping(Mapping, "id,subject,lat,lon,how\n1,a,42.5,-71,guess\n");

        Assert.Null(mapped.Rows[0].Parts[1]);
        Assert.Equal(["NOT_GEOCODED"], mapped.Rows[0].Parts[0]!.Record.Warnings);
        Assert.Equal(1, mapped.Statistics.Warnings["NOT_GEOCODED"]);
    }

    [Fact]
    public async Task An_empty_cell_leaves_the_field_unless_it_is_told_to_clear_it()
    {
        var mapped = await MappedText.OfFields("title: subject\ndistrict: {column: area, when_empty: clear}", "id,subject,area\n1,,\n");

        Assert.Null(mapped.Value(0, "title"));
        Assert.True(mapped.Value(0, "district")?.Clear);
    }

    [Fact]
    public async Task Every_bad_cell_of_a_row_is_told_at_once()
    {
        var mapped = await MappedText.OfFields("support_count: a\nconfidentiality_flag: b\naccepted_at: {column: c, formats: [yyyy-MM-dd]}", "id,a,b,c\n1,x,maybe,soon\n2,1,true,2024-02-29\n");

        Assert.Equal(["INVALID_NUMBER@a", "INVALID_BOOLEAN@b", "INVALID_TIME@c"], mapped.Reasons);
        Assert.Equal((2, 1), (mapped.Statistics.Rows, mapped.Statistics.Mapped));
    }

    [Fact]
    public async Task Rows_without_an_id_or_with_another_rows_id_are_bad_rows()
    {
        var mapped = await MappedText.OfFields("title: subject", "id,subject\n1,a\n,b\n1,a\n1,c\n2,a\n");

        Assert.Equal(["MISSING_ID@id", "DUPLICATE_ROW@id", "DUPLICATE_ID@id"], mapped.Reasons);
        Assert.Equal([1L, 5L], mapped.Rows.Where(r => r.Problems.Count == 0).Select(r => r.Row));
        Assert.Contains("row 1", mapped.Rows[2].Problems[0].Message);
    }

    [Fact]
    public async Task The_column_of_a_field_is_the_first_it_is_taken_from()
    {
        var mapped = await MappedText.OfFields("title: {columns: [a, b]}\nlocation: {latitude: c, longitude: d}\ntags: {list: [{column: e}]}\nchannel: {value: WEB}", "id,a,b,c,d,e\n");

        Assert.Equal(["a", "c", "e", "", ""], new[] { "title", "location", "tags", "channel", "no_such_field" }.Select(f => mapped.Mapper.ColumnOf(0, f)));
    }
}
