using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Exchange.Cli.Terminal;
using Exchange.Clients.Export;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;

namespace Exchange.Cli.Records;

/// <summary>`exchange get`.</summary>
internal static class GetCommand
{
    private static readonly Argument<string> _name = RecordName.Argument();
    private static readonly Option<string[]> _fields = CommonOptions.Fields();
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<long?> _position = new("--as-of-position") { Description = "as of a position of the record's partition" };
    private static readonly Option<DateTimeOffset?> _time = new("--as-of-time") { Description = "as of an instant, e.g. 2024-05-01T12:00:00Z", CustomParser = Instant };

    public static Command Create(GlobalOptions options) =>
        new Command("get", "Shows one record, now or as of then.").With(_name, _fields, _purpose, _position, _time).Runs(options, RunAsync);

    private static DateTimeOffset? Instant(ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        result.AddError($"`{result.Tokens[0].Value}` is no instant; write e.g. 2024-05-01T12:00:00Z");
        return null;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new GetRecordRequest
        {
            Name = RecordName.Read(context.Value(_name)),
            Fields = { context.Value(_fields) ?? [] },
            Purpose = CommonOptions.ToPurpose(context.Value(_purpose)!),
        };
        switch (context.Value(_position), context.Value(_time))
        {
            case ({ } position, null):
                request.Position = position;
                break;
            case (null, { } time):
                request.Time = Timestamp.FromDateTimeOffset(time);
                break;
            case ({ }, { }):
                throw new UsageException("give --as-of-position or --as-of-time, not both");
            default:
                break;
        }

        var record = await context.Client.Records.GetAsync(request, cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(record);
            return ExitCode.Done;
        }

        context.Output.People.MarkupLineInterpolated($"[bold]{record.Name}[/] version {record.Version}, opened {record.CreateTime?.ToDateTimeOffset():u}, changed {record.UpdateTime?.ToDateTimeOffset():u}");
        var table = new Table().Border(TableBorder.Simple).AddColumns("field", "value");
        foreach (var value in record.Values)
        {
            table.AddRow(new Text(value.Field), new Text(ValueText.OfBoth(value.Value) + (value.Masked ? "  (masked)" : "")));
        }

        context.Output.People.Write(table);
        return ExitCode.Done;
    }
}
