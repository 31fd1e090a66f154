using Google.Protobuf;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Serialization.Protos;

namespace TrActOnnx.Tests.Fuzz;

/// <summary>What is mutated: small models and folders of tests/cases, tests/exports and tests/hostile.</summary>
internal static class Corpus
{
    /// <summary>The smallest cases: between them all losses, both optimizers, convolutions of 1-D and 2-D, frozen layers, shared weights.</summary>
    public static IReadOnlyList<string> Cases { get; } =
        ["twotower", "binary_bce", "regress_l1", "regress_mse", "siamese", "conv1d", "mlp_frozen", "seqmlp", "conv1d_dynamo", "seqmlp_dynamo",
            "wide", "mlp_sgd", "groupdil"];

    /// <summary>Forward models.</summary>
    public static IReadOnlyList<byte[]> Forward { get; } =
    [
        .. Cases.Select(name => Path.Combine(TestData.Case(name), "forward.onnx"))
            .Concat(Files("exports")).Concat(Files("hostile"))
            .Where(file => Path.GetFileName(file) != "lstm1.onnx") // of honest size, and that takes its time
            .Select(File.ReadAllBytes),
    ];

    /// <summary>Folders of artifacts, plain and rewritten.</summary>
    public static IReadOnlyList<string> Folders { get; } = [.. Cases.Select(TestData.Case)];

    /// <summary>The messages in all models, by their type.</summary>
    public static ILookup<string, IMessage> Donors { get; } = Messages();

    /// <summary>Operators, domains and names.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        .. ShapeRules.Table.Keys.Select(op => op.Type), "com.microsoft", "tract", "ai.onnx", "f", "", "step", "learning_rate",
        "lazy_reset_grad", "labels",
        "loss", "tract.lambda", "../x", "/etc/passwd", "same", "SAME_UPPER", "reverse", "bidirectional", "bij,bjk->bik", "...ij->ij", "constant",
        .. Donors["NodeProto"].Cast<NodeProto>().SelectMany(node => node.Input.Concat(node.Output)).Distinct().Take(400),
    ];

    private static IEnumerable<string> Files(string folder)
    {
        string path = Path.Combine(TestData.Root, folder);
        return Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.onnx").Order(StringComparer.Ordinal) : [];
    }

    private static ILookup<string, IMessage> Messages()
    {
        var all = new List<IMessage>();
        foreach (byte[] bytes in Forward) Collect(ModelProto.Parser.ParseFrom(bytes));
        foreach (string folder in Folders) Collect(ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "training_model.onnx"))));
        return all.ToLookup(message => message.Descriptor.Name);

        void Collect(ModelProto model)
        {
            all.AddRange(model.Functions);
            all.AddRange(model.OpsetImport);
            all.AddRange(model.Graph.Initializer.Where(tensor => tensor.CalculateSize() < 1000));
            all.AddRange(model.Graph.Input);
            all.AddRange(model.Graph.Node);
            all.AddRange(model.Graph.Node.SelectMany(node => node.Attribute));
            all.AddRange(model.Graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.T).OfType<TensorProto>());
            all.AddRange(model.Graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.G).OfType<GraphProto>());
            all.AddRange(model.Graph.Input.Select(input => input.Type).OfType<TypeProto>());
        }
    }
}
