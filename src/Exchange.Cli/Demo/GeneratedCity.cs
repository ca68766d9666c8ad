using System.Globalization;
using System.IO.Compression;
using System.Text;
using Exchange.Clients.Files;

namespace Exchange.Cli.Demo;

/// <summary>
/// Writes an invented city's complaints as a CSV file: the same rows for the same seed and size, on any machine. Nobody in it exists. Some rows
/// are bad on purpose, as in every real export.
/// </summary>
internal static class GeneratedCity
{
    /// <summary>The mapping that goes with it, in samples/mappings.</summary>
    public const string Mapping = "generated-city.yaml";

    private static readonly string[] _header =
    [
        "door", "ticket", "opened", "due", "kind", "title", "content", "name", "phone", "confidential", "district", "street", "address", "lat", "lon", "cell", "office",
        "status", "closed", "result", "solved", "satisfied", "called_back", "supervision",
    ];

    private static readonly (string Office, string Kind, string Title, string Content, string Result)[] _matters =
    [
        ("urban", "COMPLAINT", "夜市占道经营", "夜里摊贩占用人行道，行人只能走车道。", "执法队已到场劝离，划定经营区域。"),
        ("urban", "HELP", "路灯不亮", "整条路的路灯三天不亮，老人出行不安全。", "已更换线路和灯具，恢复照明。"),
        ("urban", "COMPLAINT", "垃圾清运不及时", "垃圾桶满溢，异味严重。", "已增加清运班次。"),
        ("urban", "SUGGESTION", "建议增设公厕", "公园周边没有公厕，建议增设。", "已列入明年建设计划。"),
        ("housing", "COMPLAINT", "小区漏水无人维修", "顶楼漏水多次报修，物业没有处理。", "已责成物业维修并动用维修资金。"),
        ("housing", "COMPLAINT", "电梯经常故障", "电梯一周内停运三次。", "已更换曳引机并加强维保。"),
        ("housing", "CONSULT", "咨询公租房申请", "请问申请公租房需要什么材料？", "已电话答复申请条件和材料。"),
        ("housing", "REPORT", "举报违规装修", "楼上敲承重墙。", "已现场制止并要求恢复。"),
        ("traffic", "COMPLAINT", "违章停车堵塞消防通道", "消防通道长期被占用。", "已施划禁停标线并加强巡查。"),
        ("traffic", "HELP", "红绿灯故障", "路口信号灯不亮，早高峰拥堵。", "已修复信号机。"),
        ("traffic", "SUGGESTION", "建议公交延长运营时间", "末班车太早，晚归不便。", "已延长末班时间三十分钟。"),
        ("traffic", "COMPLAINT", "道路坑洼", "路面坑洼，骑车摔倒。", "已完成路面修补。"),
    ];

    private static readonly string[] _districts = ["东湖区", "西岭区", "南城区", "北塘区"];
    private static readonly string[] _streets = ["和平街道", "建设街道", "青年街道", "滨河街道", "桃园镇"];
    private static readonly string[] _places = ["阳光花园", "望江小区", "学府路", "幸福里", "中心公园", "长虹路口"];
    private static readonly string[] _surnames = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"];
    private static readonly string[] _doors = ["hotline", "hotline", "hotline", "forum", "grid"];

    /// <summary>Writes the file.</summary>
    public static void Write(string path, int rows, int seed)
    {
        // Seeded: the point is that it is the same every time.
#pragma warning disable CA5394
        var random = new Random(seed);
#pragma warning restore CA5394
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest), new UTF8Encoding(false));
        var line = new StringBuilder();
        CsvLine.Append(line, _header, forSpreadsheet: false);
        for (var i = 1; i <= rows; i++)
        {
            CsvLine.Append(line, Row(i, random), forSpreadsheet: false);
            writer.Write(line);
            line.Clear();
        }
    }

    private static string?[] Row(int number, Random random)
    {
        var matter = Pick(_matters, random);
        var door = Pick(_doors, random);
        var opened = new DateTime(2024, 3, 1, 8, 0, 0, DateTimeKind.Unspecified).AddMinutes((number * 37) + random.Next(30));
        var closed = opened.AddHours(4 + random.Next(200));
        var isClosed = random.Next(100) < 82;
        var place = Pick(_places, random);
        var satisfied = random.Next(100) switch { < 70 => "1", < 88 => "2", < 95 => "3", _ => "4" };
        return
        [
            number % 701 == 700 ? "pigeon" : door,
            string.Create(CultureInfo.InvariantCulture, $"{door[0]}{number:D7}"),
            number % 499 == 498 ? "yesterday" : Time(opened),
            Time(opened.AddDays(7)),
            matter.Kind,
            place + matter.Title,
            $"{place}：{matter.Content}",
            Pick(_surnames, random) + "某某",
            string.Create(CultureInfo.InvariantCulture, $"000-0000-{random.Next(10_000):D4}"),
            random.Next(50) == 0 ? "是" : "否",
            Pick(_districts, random),
            Pick(_streets, random),
            string.Create(CultureInfo.InvariantCulture, $"{place}{random.Next(1, 60)}号"),
            Degrees(30.25 + (random.Next(2000) / 10_000.0)),
            Degrees(120.10 + (random.Next(2000) / 10_000.0)),
            string.Create(CultureInfo.InvariantCulture, $"cell-{random.Next(1, 160):D3}"),
            matter.Office,
            isClosed ? "done" : "open",
            isClosed ? Time(number % 251 == 250 ? opened.AddHours(-2) : closed) : null,
            isClosed ? matter.Result : null,
            isClosed ? "1" : null,
            isClosed ? satisfied : null,
            isClosed ? Time(closed.AddDays(2)) : null,
            satisfied == "3" && isClosed ? "请主办单位重新核实。" : null,
        ];
    }

    private static T Pick<T>(T[] choices, Random random) => choices[random.Next(choices.Length)];

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Degrees(double degrees) => degrees.ToString("F4", CultureInfo.InvariantCulture);
}
