using System.Text.RegularExpressions;
using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// What PyTorch's exporters write beside the graph itself.
/// Dynamo: the signature (every parameter and buffer by its name in the state_dict, whether the file still has it or not),
/// the kind of each input and initializer, the module that a node comes from. Torchscript: the module, as the node's name.
/// </summary>
internal sealed partial class TorchRecord
{
    private const string Parameter = "PARAMETER";
    private const string Buffer = "BUFFER";
    private const string ConstantTensor = "CONSTANT_TENSOR";
    private const string UserInput = "USER_INPUT";
    private const string KindProperty = "pkg.torch.export.graph_signature.InputSpec.kind";
    private const string SignatureProperty = "pkg.torch.export.ExportedProgram.graph_signature";
    private const string ScopesProperty = "pkg.torch.onnx.name_scopes";

    private readonly Graph graph;
    private readonly OrderedDictionary<string, string> signature = [];
    private readonly bool hasDottedNames;

    private TorchRecord(Graph graph)
    {
        this.graph = graph;
        foreach (Match line in SignatureLine().Matches(graph.Metadata.GetValueOrDefault(SignatureProperty, "")))
            signature[line.Groups["name"].Value] = line.Groups["kind"].Value;
        hasDottedNames = graph.Initializers.Any(value => IsDotted(value.Name));
        IsDynamo = signature.Count > 0 || graph.Nodes.Any(IsDynamos);
    }

    /// <summary>Whether torch.onnx.export(…, dynamo=True) made the file; otherwise the torchscript exporter, or none of PyTorch's.</summary>
    public bool IsDynamo { get; }

    /// <summary>Parameters and buffers of the PyTorch model that the file has under no name.</summary>
    public IReadOnlyList<string> LostParameters => Lost(Parameter);

    public IReadOnlyList<string> LostBuffers => Lost(Buffer);

    public static TorchRecord Of(Graph graph) => new(graph);

    public bool IsParameter(Value value) => KindOf(value) == Parameter;

    /// <summary>Whether PyTorch's optimizer would not see it: a buffer, or a tensor that the model's code made.</summary>
    public bool IsConstant(Value value) => KindOf(value) is Buffer or ConstantTensor;

    public bool IsUserInput(Value value) => KindOf(value) == UserInput;

    /// <summary>Whether dynamo's signature does not know a tensor: the optimizer has computed it.</summary>
    public bool IsComputed(Value value) => IsDynamo && KindOf(value) is null && (signature.Count > 0 || IsAnonymous(value));

    /// <summary>Whether the exporter made a name up: onnx::MatMul_50, val_37, /Transpose_output_0, or (before PyTorch 1.12) 50 in a model
    /// that names its parameters.</summary>
    public bool IsAnonymous(Value value) => AnonymousName().IsMatch(value.Name) || (hasDottedNames && value.Name.All(char.IsAsciiDigit));

    /// <summary>Whether a name is one of a state_dict below the root: conv1.weight.</summary>
    public static bool IsDotted(string name) => DottedName().IsMatch(name);

    /// <summary>The module that a node computes, "" for the root; null where nothing says so.</summary>
    public static string? ModuleOf(Node node)
    {
        if (node.Metadata.TryGetValue(ScopesProperty, out string? scopes))
            return Quoted().Matches(scopes) is { Count: > 1 } names ? names[^2].Groups[1].Value : null;
        if (!node.Name.StartsWith('/')) return null;
        string module = "";
        foreach (string scope in node.Name.Split('/')[1..^1]) module = ChildOf(module, scope);
        return module;
    }

    /// <summary>A module within a module; a child of a Sequential repeats its parent: /layers/layers.0/Conv.</summary>
    private static string ChildOf(string module, string scope)
    {
        if (module.Length == 0) return scope;
        string parent = module[(module.LastIndexOf('.') + 1)..];
        return scope.StartsWith($"{parent}.", StringComparison.Ordinal) ? module + scope[parent.Length..] : $"{module}.{scope}";
    }

    /// <summary>The rewrite rule of PyTorch's optimizer that made a node, null where none did.</summary>
    public static string? RuleOf(Node node) => node.Metadata.GetValueOrDefault("pkg.onnxscript.rewriter.rule_name");

    private static bool IsDynamos(Node node) =>
        node.Name.StartsWith("node_", StringComparison.Ordinal) || node.Metadata.ContainsKey(ScopesProperty);

    private string? KindOf(Value value) => value.Metadata.GetValueOrDefault(KindProperty) ?? signature.GetValueOrDefault(value.Name);

    private string[] Lost(string kind) => [.. signature.Where(pair => pair.Value == kind && graph.Find(pair.Key) is null).Select(pair => pair.Key)];

    [GeneratedRegex(
        @"^\w+: (?<kind>PARAMETER|BUFFER|CONSTANT_TENSOR) target='(?<name>[^']+)'",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex SignatureLine();

    [GeneratedRegex(@"^(onnx::\w+_\d+|val_\d+|/.*_output_\d+)$", RegexOptions.CultureInvariant)]
    private static partial Regex AnonymousName();

    [GeneratedRegex(@"^[A-Za-z_]\w*(\.\w+)+$", RegexOptions.CultureInvariant)]
    private static partial Regex DottedName();

    [GeneratedRegex("'([^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();
}
