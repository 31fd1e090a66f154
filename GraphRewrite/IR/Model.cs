using GraphRewrite.Protos;
using GraphRewrite.Serialization;

namespace GraphRewrite.IR;

/// <summary>A model: a graph, the operator sets it speaks, and what was written beside it.</summary>
public sealed class Model(Graph graph)
{
    public Graph Graph { get; } = graph;

    public long IrVersion { get; set; } = 10;

    public string ProducerName { get; init; } = "TrAct.Onnx";

    /// <summary>The metadata properties, in file order.</summary>
    public List<KeyValuePair<string, string>> Metadata { get; } = [];

    /// <summary>Whether the model declares local functions.</summary>
    public bool HasFunctions => Source is { Functions.Count: > 0 };

    /// <summary>The files beside the model that its data was read from, relative to its folder.</summary>
    public IEnumerable<string> ExternalFiles => External.Keys.Select(place => place.Location).Distinct();

    /// <summary>The message it was read from without its graph, for what the model does not hold (functions, training information, unknown fields).</summary>
    internal ModelProto? Source { get; init; }

    /// <summary>The data that was read from files beside the model.</summary>
    internal IReadOnlyDictionary<ExternalPlace, ReadOnlyMemory<byte>> External { get; init; } = new Dictionary<ExternalPlace, ReadOnlyMemory<byte>>();

    /// <summary>A metadata property, null where absent.</summary>
    public string? MetadataOf(string key) => Metadata.Find(pair => pair.Key == key).Value;

    public void SetMetadata(string key, string value)
    {
        Metadata.RemoveAll(pair => pair.Key == key);
        Metadata.Add(new(key, value));
    }
}
