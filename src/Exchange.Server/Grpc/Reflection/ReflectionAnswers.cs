using System.Collections.Frozen;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Exchange.Server.Grpc;

/// <summary>What reflection can answer, once for both of its versions.</summary>
internal sealed class ReflectionAnswers
{
    private readonly FrozenDictionary<string, FileDescriptor> files;
    private readonly FrozenDictionary<string, FileDescriptor> symbols;
    private readonly FrozenDictionary<(string Type, int Number), FileDescriptor> extensions;

    /// <summary>Indexes the files of all services.</summary>
    public ReflectionAnswers(ServiceCatalog services)
    {
        var all = services.Files.ToList();
        files = all.ToFrozenDictionary(file => file.Name);
        symbols = all.SelectMany(file => Symbols(file).Select(symbol => (symbol, file))).DistinctBy(pair => pair.symbol).ToFrozenDictionary(pair => pair.symbol, pair => pair.file);
        extensions = all.SelectMany(file => file.Extensions.UnorderedExtensions.Select(extension => ((extension.ExtendeeType.FullName, extension.FieldNumber), file)))
            .ToFrozenDictionary(pair => pair.Item1, pair => pair.file);
    }

    /// <summary>The file of this name and its imports, or null.</summary>
    public IEnumerable<ByteString>? File(string name) => Bytes(files.GetValueOrDefault(name));

    /// <summary>The file that declares the symbol and its imports, or null.</summary>
    public IEnumerable<ByteString>? FileOfSymbol(string symbol) => Bytes(symbols.GetValueOrDefault(symbol));

    /// <summary>The file that declares the extension and its imports, or null.</summary>
    public IEnumerable<ByteString>? FileOfExtension(string type, int number) => Bytes(extensions.GetValueOrDefault((type, number)));

    /// <summary>Numbers of the type's extensions; null when there is no such type.</summary>
    public IEnumerable<int>? ExtensionNumbers(string type) => symbols.ContainsKey(type) ? extensions.Keys.Where(key => key.Type == type).Select(key => key.Number).Order() : null;

    private static IEnumerable<ByteString>? Bytes(FileDescriptor? file) => file is null ? null : ServiceCatalog.WithImports(file).Select(f => f.SerializedData);

    private static IEnumerable<string> Symbols(FileDescriptor file) =>
    [
        .. file.Services.SelectMany(service => service.Methods.Select(method => method.FullName).Prepend(service.FullName)),
        .. file.MessageTypes.SelectMany(Symbols),
        .. file.EnumTypes.SelectMany(Symbols),
        .. file.Extensions.UnorderedExtensions.Select(extension => extension.FullName),
    ];

    private static IEnumerable<string> Symbols(MessageDescriptor message) =>
    [
        message.FullName,
        .. message.Fields.InDeclarationOrder().Select(field => field.FullName),
        .. message.Oneofs.Select(oneof => oneof.FullName),
        .. message.NestedTypes.SelectMany(Symbols),
        .. message.EnumTypes.SelectMany(Symbols),
    ];

    private static IEnumerable<string> Symbols(EnumDescriptor type) => type.Values.Select(value => value.FullName).Prepend(type.FullName);
}
