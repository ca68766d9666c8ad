using System.Globalization;
using System.Reflection;

namespace Grpc.Core.Api.Tests.Api;

/// <summary>Writes the public surface of an assembly in the notation of <c>shared/grpc/public-api.txt</c>: one line per type and one per member.</summary>
internal static class Signatures
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Lines <c>namespace: type</c> and <c>namespace: type | member</c>, without order.</summary>
    internal static IEnumerable<string> Of(Assembly assembly) =>
        assembly.GetExportedTypes().SelectMany(type =>
        {
            var header = $"{type.Namespace}: {TypeLine(type)}";
            return Members(type).Select(member => $"{header} | {member}").Prepend(header);
        });

    /// <summary>The same lines, read from the list's part about one assembly.</summary>
    internal static IEnumerable<string> Listed(IEnumerable<string> list, string assembly)
    {
        var (inPart, space, header) = (false, "", "");
        foreach (var line in list.Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            if (line.StartsWith("## namespace ", StringComparison.Ordinal))
            {
                space = line["## namespace ".Length..];
            }
            else if (line[0] == '#')
            {
                inPart = line == $"# {assembly}";
            }
            else if (inPart && line[0] != ' ')
            {
                header = $"{space}: {line}";
                yield return header;
            }
            else if (inPart && header.Contains(": enum ", StringComparison.Ordinal))
            {
                foreach (var value in line.Split(',', StringSplitOptions.TrimEntries))
                {
                    yield return $"{header} | {value}";
                }
            }
            else if (inPart)
            {
                yield return $"{header} | {line.Trim()}";
            }
        }
    }

    private static string TypeLine(Type type)
    {
        if (type.IsEnum)
        {
            return $"enum {Name(type)}";
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"delegate {Name(invoke.ReturnType)} {Name(type)}({Parameters(invoke)})";
        }

        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Add(Name(parent));
        }

        var inherited = type.BaseType?.GetInterfaces() ?? [];
        bases.AddRange(type.GetInterfaces().Except(inherited).Select(Name));
        return $"{kind} {Name(type)}{(bases.Count > 0 ? $" : {string.Join(", ", bases)}" : "")}{Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt32(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return [];
        }

        var fields = type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily).Select(FieldLine);
        var constructors = type.GetConstructors(Declared & ~BindingFlags.Static).Where(IsVisible)
            .Select(constructor => $"{Access(constructor)} {Simple(type)}({Parameters(constructor)})");
        var properties = type.GetProperties(Declared).Where(property => IsVisible(property.GetMethod!)).Select(PropertyLine);
        var methods = type.GetMethods(Declared).Where(method => IsVisible(method) && !method.IsSpecialName)
            .Select(method => $"{Access(method)}{Modifiers(method)} {Name(method.ReturnType)} {method.Name}{Arguments(method)}({Parameters(method)})" +
                Constraints(method.GetGenericArguments()));
        return [.. fields, .. constructors, .. properties, .. methods];
    }

    private static string FieldLine(FieldInfo field) =>
        field.IsLiteral
            ? $"public const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}"
            : $"public static readonly {Name(field.FieldType)} {field.Name}";

    private static string PropertyLine(PropertyInfo property)
    {
        var getter = property.GetMethod!;
        var index = property.GetIndexParameters();
        var name = index.Length > 0 ? $"this[{Name(index[0].ParameterType)} {index[0].Name}]" : property.Name;
        var setter = property.SetMethod is { } set && IsVisible(set) ? " set;" : "";
        return $"{Access(getter)}{Modifiers(getter)} {Name(property.PropertyType)} {name} {{ get;{setter} }}";
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static string Modifiers(MethodInfo method) => method switch
    {
        { DeclaringType.IsInterface: true } => "",
        { IsStatic: true } => " static",
        { IsAbstract: true } => " abstract",
        { IsVirtual: true, IsFinal: false } when method.GetBaseDefinition() != method => " override",
        { IsVirtual: true, IsFinal: false } => " virtual",
        _ => "",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Default(parameter)}" : "")}"));

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType ? "default" : "null",
        Enum value => Convert.ToInt32(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(argument => argument.IsGenericParameter).Select(argument =>
    {
        var constraints = argument.GetGenericParameterConstraints().Select(Name).ToList();
        if (argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            constraints.Insert(0, "class");
        }

        return constraints.Count > 0 ? $" where {argument.Name} : {string.Join(", ", constraints)}" : "";
    }));

    private static string Arguments(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Name(Type type) => type switch
    {
        { IsArray: true } => $"{Name(type.GetElementType()!)}[]",
        { IsGenericParameter: true } => type.Name,
        _ when Nullable.GetUnderlyingType(type) is { } value => $"{Name(value)}?",
        _ when type == typeof(string) => "string",
        _ when type == typeof(object) => "object",
        _ when type == typeof(byte) => "byte",
        _ when type == typeof(int) => "int",
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(void) => "void",
        _ => (type.DeclaringType is { } outer ? $"{Simple(outer)}." : "") + Simple(type) +
            (type.IsGenericType ? $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : ""),
    };

    private static string Simple(Type type) => type.Name.Split('`')[0];
}
