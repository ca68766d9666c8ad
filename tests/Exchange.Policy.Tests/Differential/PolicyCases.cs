using System.Collections.Immutable;
using System.Text;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Tests.Differential;

/// <summary>Makes random cases of the families that Casbin supports.</summary>
internal sealed class PolicyCases(Random random)
{
    private static readonly string[] Effects =
    [
        "some(where (p.eft == allow))",
        "!some(where (p.eft == deny))",
        "some(where (p.eft == allow)) && !some(where (p.eft == deny))",
        "priority(p.eft) || deny",
    ];

    private static readonly string[] Subjects = ["ann", "bo", "cy", "dee", "eve", "root"];
    private static readonly string[] Roles = ["admin", "editor", "reader", "guest"];
    private static readonly string[] Objects = ["data1", "data2", "data3", "files"];
    private static readonly string[] Actions = ["read", "write", "match"];
    private static readonly string[] Domains = ["east", "west", "north"];
    private static readonly string[] Paths = ["/a", "/a/1", "/a/1/b", "/a/2/b/2", "/a/2/b/3", "/b", "/b/x", "/", "/a?x=1", "/a/1?x=/2"];
    private static readonly string[] KeyPatterns = ["/a", "/a/*", "/*", "*", "/b/*"];
    private static readonly string[] ColonPatterns = ["/a/:id", "/a/:id/b", "/a/:x/b/:y", "/:any", "/a/*", "/b"];
    private static readonly string[] BracePatterns = ["/a/{id}", "/a/{id}/b", "/a/{x}/b/{y}", "/{any}", "/a/*", "/b"];
    private static readonly string[] Expressions = ["(read)|(write)", "^r", "e$", "[a-z]+", "read", ".*", "^w.*e$"];
    private static readonly string[] Networks = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.168.1.0/24", "::1", "fe80::/10"];
    private static readonly string[] Addresses = ["10.1.2.3", "10.2.0.1", "192.168.1.77", "192.168.2.1", "::1", "fe80::1"];
    private static readonly string[] Globs = ["/a/*", "/a/*/b", "/*", "/b/?", "/a/**", "/[ab]", "/{a,b}"];

    private static readonly string[] Spelt = ["0", "1", "01", "1.0", "1e0", "+1", "2", "3", "1.5", "true", "x"];

    private static readonly string[] Conditions =
    [
        "r.sub.Age > 18", "r.sub.Age >= 18 && r.sub.Age < 60", "r.sub.Role == 'boss'", "r.sub.Age + 2 * 3 > 30", "r.sub.Age % 2 == 0",
        "r.obj.Owner == r.sub.Name", "!(r.sub.Role == 'boss')", "r.sub.Name in ('ann', 'bo')", "r.obj.Level <= 2 || r.sub.Age > 50", "r.sub.Age - 1 != 17",
    ];

    private static readonly Func<PolicyCases, PolicyCase>[] All =
    [
        static make => make.Plain(), static make => make.Roles2(), static make => make.Domained(), static make => make.ResourceRoles(),
        static make => make.Superuser(), static make => make.Wildcard(), static make => make.ExplicitPriority(), static make => make.SubjectPriority(),
        static make => make.Patterned(), static make => make.Attributes(), static make => make.Evaluated(), static make => make.WithoutRules(), static make => make.Negated(),
        static make => make.Numbered(), static make => make.Authored(failing: false), static make => make.NamePatterns(), static make => make.DomainPatterns(),
        static make => make.Functions(), static make => make.Missing(), static make => make.Numbers(),
    ];

    public PolicyCase Next() => All[random.Next(All.Length)](this);

    private PolicyCase Plain() => Case("plain", "sub, obj, act", "sub, obj, act", "r.sub == p.sub && r.obj == p.obj && r.act == p.act", "", () => $"{Pick(Subjects)}, {Pick(Objects)}, {Pick(Actions)}", Standard);

    private PolicyCase Roles2() => Case("roles", "sub, obj, act", "sub, obj, act", "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act", "g = _, _", () => $"{Who()}, {Pick(Objects)}, {Pick(Actions)}", Standard, Links("g"));

    private PolicyCase Domained() => Case(
        "domains", "sub, dom, obj, act", "sub, dom, obj, act", $"g(r.sub, p.sub, {Pick(["r.dom", "p.dom"])}) && r.dom == p.dom && r.obj == p.obj && r.act == p.act", "g = _, _, _",
        () => $"{Who()}, {Pick(Domains)}, {Pick(Objects)}, {Pick(Actions)}", () => [Who(), Pick(Domains), Pick(Objects), Pick(Actions)], Links("g", domained: true));

    private PolicyCase ResourceRoles() => Case(
        "resource roles", "sub, obj, act", "sub, obj, act", "g(r.sub, p.sub) && g2(r.obj, p.obj) && r.act == p.act", "g = _, _\ng2 = _, _",
        () => $"{Who()}, {Pick(Objects)}, {Pick(Actions)}", Standard, Links("g") + $"g2, data1, files\ng2, {Pick(Objects)}, data3\n");

    private PolicyCase Superuser() => Case(
        "superuser", "sub, obj, act", "sub, obj, act", Pick(["r.sub == p.sub && r.obj == p.obj && r.act == p.act || r.sub == \"root\"", "r.sub == 'root' || g(r.sub, p.sub) && (r.obj == p.obj || r.act == p.act)"]), "g = _, _",
        () => $"{Who()}, {Pick(Objects)}, {Pick(Actions)}", Standard, Links("g"));

    private PolicyCase Wildcard() => Case(
        "wildcard", "sub, obj, act", "sub, obj, act", "(g(r.sub, p.sub) || p.sub == \"*\") && (r.obj == p.obj || p.obj == '*') && (r.act == p.act || p.act == '*')", "g = _, _",
        () => $"{Pick([Who(), "*"])}, {Pick([Pick(Objects), "*"])}, {Pick([Pick(Actions), "*"])}", Standard, Links("g"));

    private PolicyCase Negated() => Case(
        "negated", "sub, obj, act", "sub, obj, act", Pick(["r.sub != p.sub && r.obj == p.obj && r.act == p.act", "!g(r.sub, p.sub) && r.obj == p.obj", "(r.act in ('read', 'match')) && (r.obj == p.obj) == (r.sub == p.sub)"]), "g = _, _",
        () => $"{Who()}, {Pick(Objects)}, {Pick(Actions)}", Standard, Links("g"));

    // Three requests, two kinds of rules, three effects and matchers, in every combination that fits.
    private PolicyCase Numbered()
    {
        var model = $"""
            [request_definition]
            r = sub, obj, act
            r2 = sub, act
            r3 = sub, obj
            [policy_definition]
            p = sub, obj, act
            p2 = sub, act, eft
            [role_definition]
            g = _, _
            g2 = _, _
            [policy_effect]
            e = {Effects[0]}
            e2 = {Pick(Effects)}
            e3 = {Pick(Effects)}
            [matchers]
            m = r.sub == p.sub && r.obj == p.obj
            m2 = g(r2.sub, p2.sub) && r2.act == p2.act
            m3 = g(r3.sub, p.sub) && g2(r3.obj, p.obj) || r3.sub == "root"
            m4 = g(r.sub, p2.sub) && (r.act == p2.act || p2.act == '*')
            """;
        var rows = Rows(() => $"{Who()}, {Pick(Objects)}, {Pick(Actions)}") + Rows(() => $"{Who()}, {Pick([Pick(Actions), "*"])}, {Pick(["allow", "allow", "deny", "other"])}", "p2");
        var (request, policy, matcher) = random.Next(4) switch { 0 => ("r", "p", "m"), 1 => ("r2", "p2", "m2"), 2 => ("r3", "p", "m3"), _ => ("r", "p2", "m4") };
        return new("numbered", model, rows + Links("g") + $"g2, data1, {Pick(Objects)}\n", Requests(() => request switch { "r2" => [Who(), Pick(Actions)], "r3" => [Who(), Pick(Objects)], _ => Standard() }))
        {
            Context = new EnforceContext(request, policy, Pick(["e", "e2", "e3"]), matcher),
        };
    }

    /// <summary>Rules of several authors over three role relations, with conditions; some of these fail if so wished.</summary>
    public PolicyCase Authored(bool failing)
    {
        var matcher = "g(r.sub.Name, p.sub) && g2(r.obj.Name, p.obj) && g3(r.act, p.act) && "
            + Pick(["(p.owner == '*' || (p.eft == 'allow' && p.owner == r.obj.Owner) || (p.eft == 'deny' && p.owner == r.sub.Name))", "(p.owner == '*' || p.owner == r.obj.Owner || r.obj.Level > 3)"])
            + " && eval(p.rule)";
        // The package cannot read `in` behind other parentheses.
        var conditions = Conditions.Where(static condition => !condition.Contains(" in ", StringComparison.Ordinal)).ToArray();
        var rows = Rows(() => $"{Pick([Pick(Subjects), "*", "*"])}, {Pick([Who(), "*"])}, {Pick([Pick(Objects), "*"])}, {Pick([Pick(Actions), "any"])}, "
            + $"\"{(failing && random.Next(4) == 0 ? Pick(["r.sub.None > 1", "r.sub.Name * 2 > 1"]) : Pick(conditions))}\", {Pick(["allow", "allow", "deny"])}");
        var links = string.Concat(Subjects.Concat(Roles).Select(static name => $"g, {name}, *\n")) + string.Concat(Objects.Select(static name => $"g2, {name}, *\n"))
            + "g2, data1, files\ng3, read, any\ng3, write, any\n" + Links("g");
        return new(
            "authors",
            Text("sub, obj, act", "owner, sub, obj, act, rule, eft", matcher, "g = _, _\ng2 = _, _\ng3 = _, _", Pick(Effects)),
            rows + links,
            Requests(() =>
            [
                new Dictionary<string, object?> { ["Name"] = Who(), ["Age"] = random.Next(10, 70), ["Role"] = Pick(["boss", "clerk"]) },
                new Dictionary<string, object?> { ["Name"] = Pick(Objects), ["Owner"] = Pick(Subjects), ["Level"] = random.Next(1, 5) },
                Pick(Actions),
            ]));
    }

    // The package links names to the patterns it has read so far: roles are no patterns and match none, or the patterns stand first.
    private PolicyCase NamePatterns()
    {
        var (function, patterns) = random.Next(5) switch
        {
            0 => ("keyMatch", KeyPatterns[..3]),
            1 => ("keyMatch2", ColonPatterns[..4]),
            2 => ("keyMatch3", BracePatterns[..4]),
            3 => ("globMatch", ["/a/?", "/b/?", "/[ab]", "/{a,b}"]),
            _ => ("regexMatch", (string[])["^/a/[0-9]$", "^/b", "b/[0-9]+$", "/a"]),
        };
        var links = "g, r*, everyone\ng, role-*, members\n"
            + string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => $"g, {Pick([Pick(Subjects), "a*", "role-1"])}, {Pick(["role-1", "role-2", "other"])}\n"))
            + string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"g2, \"{Pick(function is "regexMatch" ? patterns : [Pick(patterns), Pick(Paths[..7])])}\", {Pick(Objects)}\n"))
            + $"g2, {Pick(Objects[..2])}, {Pick(Objects[2..])}\n";
        return Case(
            "role patterns", "sub, obj, act", "sub, obj, act", "g(r.sub, p.sub) && g2(r.obj, p.obj) && r.act == p.act", "g = _, _\ng2 = _, _",
            () => $"{Pick(["everyone", "members", "role-1", "role-2", "other", "a*", Pick(Subjects)])}, {Pick([Pick(Objects), Pick(Objects), Pick(Paths[..7])])}, {Pick(Actions)}",
            () => [Pick([Pick(Subjects), "role-1", "role-3"]), Pick(Paths[..7]), Pick(Actions)],
            links) with
        { RolePatterns = ImmutableDictionary<string, RolePatterns>.Empty.Add("g", new() { Names = "keyMatch" }).Add("g2", new() { Names = function }) };
    }

    private PolicyCase DomainPatterns()
    {
        string[] domains = ["east-1", "east-2", "west-1", "north"];
        string[] patterns = ["*", "east-*", "e*", "west-*", "east-1", "north"];
        var names = random.Next(2) == 0 ? null : "keyMatch";
        var links = string.Concat(Enumerable.Range(0, random.Next(2, 8)).Select(_ =>
            $"g, {Pick(names is null ? [Who()] : [Pick(Subjects), "b*", "d*"])}, {Pick(Roles[..3])}, {Pick(patterns)}\n")) + $"g, {Roles[0]}, {Roles[3]}, {Pick(patterns)}\n";
        return Case(
            "domain patterns", "sub, dom, obj, act", "sub, dom, obj, act",
            Pick(["g(r.sub, p.sub, r.dom) && r.dom == p.dom", "g(r.sub, p.sub, p.dom) && r.dom == p.dom", "g(r.sub, p.sub, r.dom) && keyMatch(r.dom, p.dom)", "g(r.sub, p.sub, p.dom) && keyMatch(r.dom, p.dom)"])
                + " && r.act == p.act",
            "g = _, _, _",
            () => $"{Pick([Pick(Roles), Pick(Subjects)])}, {Pick([Pick(domains), Pick(patterns)])}, {Pick(Objects)}, {Pick(Actions)}",
            () => [Pick(Subjects), Pick(domains), Pick(Objects), Pick(Actions)],
            links) with
        { RolePatterns = ImmutableDictionary<string, RolePatterns>.Empty.Add("g", new() { Names = names, Domains = "keyMatch" }) };
    }

    // `known` throws for one subject; it stands first, so that both notice.
    private PolicyCase Functions() => Case(
        "functions", "sub, obj, act", "sub, obj, act",
        Pick([
            "startsWith(r.obj, p.obj) && r.act == p.act", "initial(r.sub) == p.sub && r.act == p.act", "known(r.sub) == p.sub && r.act == p.act", "g(known(r.sub), p.sub) && startsWith(r.obj, p.obj)",
            "lengthOf(r.sub) > 2 && initial(r.obj) == initial(p.obj)", "(lengthOf(r.sub) == lengthOf(p.sub) || startsWith(r.obj, p.obj)) && r.act == p.act", "startsWith(known(r.sub), initial(p.sub)) && r.act != p.act",
        ]),
        "g = _, _", () => $"{Pick(["a", "b", "e", Who()])}, {Pick([Pick(Objects), "data", "f"])}, {Pick(Actions)}", Standard, Links("g"));

    // Where nothing is negated and nothing denies by default, a value that is missing is a no in both.
    private PolicyCase Missing()
    {
        var ofAttributes = random.Next(2) == 0;
        var matcher = ofAttributes
            ? Pick(["r.sub.Name == p.sub && r.obj.Owner == p.obj", "r.act == p.act && r.sub.Age > 18", "g(r.sub.Name, p.sub) && r.act == p.act && r.sub.Age >= 30", "(r.sub.Name in ('ann', 'bo', 'cy')) && r.act == p.act", "r.act == p.act && r.obj.Owner == r.sub.Name && p.sub == r.sub.Name"])
            : Pick(["r.sub == p.sub && r.act == p.act", "g(r.sub, p.sub) && r.act == p.act", "r.act == p.act && (r.sub == 'ann' || r.sub == 'bo') && p.obj == r.obj"]);
        var made = Case(
            "missing", "sub, obj, act", "sub, obj, act", matcher, "g = _, _", () => $"{Pick(Subjects)}, {Pick([Pick(Subjects), Pick(Objects)])}, {Pick(Actions)}",
            () => ofAttributes
                ? [Some(("Name", Pick(Subjects)), ("Age", random.Next(10, 70))), Some(("Owner", Pick(Subjects))), Maybe(Pick(Actions))]
                : [Maybe(Who()), Maybe(Pick(Objects)), Maybe(Pick(Actions))],
            Links("g"));
        return made with { Model = made.Model.Replace("e = " + Effects[1] + "\n", "e = " + Effects[2] + "\n", StringComparison.Ordinal), FailuresDeny = true };
    }

    // Numbers and truth values beside rules' texts, which may spell them.
    private PolicyCase Numbers() => Case(
        "numbers", "sub, level, act", "sub, level, act",
        Pick([
            "r.level == p.level && r.act == p.act", "r.sub.Level == p.level && r.sub.Old == p.sub", "p.level == r.sub.Level && r.act == p.act", "r.level === p.level && r.act == p.act",
            "r.level != p.level && r.act == p.act", "(r.sub.Old == p.level || r.level == p.sub) && r.act == p.act", "g(r.sub.Level, p.level) && r.act == p.act",
        ]),
        "g = _, _", () => $"{Pick(Spelt)}, {Pick(Spelt)}, {Pick(Actions)}",
        () =>
        [
            new Dictionary<string, object?> { ["Level"] = random.Next(1, 4), ["Old"] = random.Next(2) == 0 },
            random.Next(4) switch { 0 => Pick(Spelt), 1 => random.Next(2) == 0, 2 => 1.5, _ => random.Next(4) },
            Pick(Actions),
        ],
        $"g, 1, {Pick(Spelt)}\ng, 2, {Pick(Spelt)}\n");

    private string? Maybe(string value) => random.Next(5) == 0 ? null : value;

    // An object with each attribute, null in its place, or without; seldom no object.
    private Dictionary<string, object?>? Some(params (string Name, object Value)[] attributes) => random.Next(20) == 0 ? null
        : attributes.Where(_ => random.Next(6) > 0).ToDictionary(static one => one.Name, one => random.Next(8) == 0 ? null : one.Value);

    private PolicyCase WithoutRules() => new("no rules", Text("sub, obj, act", "sub, obj, act", Pick(["r.sub == p.sub || r.sub == 'root'", "r.sub == 'root' && r.act != 'write'"]), "", Pick(Effects)), "# no rules", Requests(Standard));

    private PolicyCase ExplicitPriority()
    {
        var model = Text("sub, obj, act", "priority, sub, obj, act, eft", "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act", "g = _, _", "priority(p.eft) || deny");
        return new("explicit priority", model, Rows(() => $"{random.Next(1, 6)}, {Who()}, {Pick(Objects[..2])}, {Pick(Actions[..2])}, {Pick(["allow", "allow", "deny", "other"])}") + Links("g"), Requests(() => [Who(), Pick(Objects[..2]), Pick(Actions[..2])]));
    }

    private PolicyCase SubjectPriority()
    {
        var model = Text("sub, obj, act", "sub, obj, act, eft", "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act", "g = _, _", "subjectPriority(p.eft) || deny");
        string[] tree = ["top", "left", "right", "low", "ann", "bo"];
        var links = string.Concat(Enumerable.Range(1, tree.Length - 1).Select(i => $"g, {tree[i]}, {tree[random.Next(i)]}\n"));
        return new("subject priority", model, Rows(() => $"{Pick(tree)}, {Pick(Objects)}, {Pick(Actions)}, {Pick(["allow", "deny"])}") + links, Requests(() => [Pick(tree), Pick(Objects), Pick(Actions)]));
    }

    private PolicyCase Patterned()
    {
        var (function, patterns) = random.Next(8) switch
        {
            0 => ("keyMatch", KeyPatterns),
            1 => ("keyMatch2", ColonPatterns),
            2 => ("keyMatch3", BracePatterns),
            3 => ("keyMatch4", BracePatterns),
            4 => ("keyMatch5", BracePatterns),
            5 => ("globMatch", Globs),
            6 => ("keyGet", KeyPatterns),
            _ => ("", ColonPatterns),
        };
        var test = function is "keyGet" ? $"keyGet(r.obj, p.obj) {Pick(["==", "!="])} '1'"
            : function is "" ? $"keyMatch2(r.obj, p.obj) && keyGet2(r.obj, p.obj, 'id') {Pick(["==", "!="])} '1'" : $"{function}(r.obj, p.obj)";
        return random.Next(4) == 0
            ? Case("addresses", "sub, obj, act", "sub, obj, act", "ipMatch(r.sub, p.sub) && r.obj == p.obj", "", () => $"{Pick(Networks[..4])}, {Pick(Objects)}, x", () => [Pick(Addresses[..4]), Pick(Objects), "x"])
            : Case("patterns", "sub, obj, act", "sub, obj, act", $"r.sub == p.sub && {test} && regexMatch(r.act, p.act)", "", () => $"{Pick(Subjects)}, \"{Pick(patterns)}\", {Pick(Expressions)}", () => [Pick(Subjects), Pick(Paths), Pick(Actions)]);
    }

    private PolicyCase Attributes() => Case(
        "attributes", "sub, obj, act", "sub, obj, act", $"({Pick(Conditions).Replace("'", "\"", StringComparison.Ordinal)}) && r.act == p.act", "", () => $"{Pick(Subjects)}, {Pick(Objects)}, {Pick(Actions)}", Objects2);

    private PolicyCase Evaluated() => Case("eval", "sub, obj, act", "rule, act", "eval(p.rule) && r.act == p.act", "", () => $"\"{Pick(Conditions)}\", {Pick(Actions)}", Objects2);

    private object?[] Objects2() =>
    [
        new Dictionary<string, object?> { ["Name"] = Pick(Subjects), ["Age"] = random.Next(10, 70), ["Role"] = Pick(["boss", "clerk"]) },
        new Dictionary<string, object?> { ["Owner"] = Pick(Subjects), ["Level"] = random.Next(1, 5) },
        Pick(Actions),
    ];

    private object?[] Standard() => [Who(), Pick(Objects), Pick(Actions)];

    private PolicyCase Case(string family, string request, string policy, string matcher, string roles, Func<string> row, Func<object?[]> ask, string links = "")
    {
        var effect = Pick(Effects);
        var hasEffect = random.Next(3) > 0;
        var rows = Rows(() => hasEffect ? $"{row()}, {Pick(["allow", "allow", "deny", "other"])}" : row());
        return new(family, Text(request, hasEffect ? policy + ", eft" : policy, matcher, roles, effect), rows + links, Requests(ask));
    }

    private string Rows(Func<string> row, string type = "p")
    {
        var rows = new StringBuilder();
        for (var i = random.Next(1, 9); i > 0; i--)
        {
            rows.Append(type).Append(", ").Append(row()).Append('\n');
        }

        return rows.ToString();
    }

    private static List<object?[]> Requests(Func<object?[]> ask) => [.. Enumerable.Range(0, 40).Select(_ => ask())];

    private string Links(string relation, bool domained = false) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ =>
        $"{relation}, {Who()}, {Pick(Roles)}{(domained ? ", " + Pick(Domains) : "")}\n"));

    private string Who() => random.Next(3) == 0 ? Pick(Roles) : Pick(Subjects);

    private string Pick(string[] values) => values[random.Next(values.Length)];

    private static string Text(string request, string policy, string matcher, string roles, string effect) => $"""
        [request_definition]
        r = {request}
        [policy_definition]
        p = {policy}
        {(roles is "" ? "" : "[role_definition]\n" + roles)}
        [policy_effect]
        e = {effect}
        [matchers]
        m = {matcher}
        """;
}
