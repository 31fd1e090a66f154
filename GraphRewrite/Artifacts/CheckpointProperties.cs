namespace GraphRewrite.Artifacts;

/// <summary>What a user of ONNX Runtime Training stored beside the parameters, such as the epoch.</summary>
public sealed class CheckpointProperties
{
    /// <summary>Whole numbers by name, in the file's order.</summary>
    public OrderedDictionary<string, long> Ints { get; } = [];

    /// <summary>Numbers by name, in the file's order.</summary>
    public OrderedDictionary<string, float> Floats { get; } = [];

    /// <summary>Texts by name, in the file's order.</summary>
    public OrderedDictionary<string, string> Strings { get; } = [];
}
