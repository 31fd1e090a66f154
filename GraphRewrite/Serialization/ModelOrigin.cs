using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>What a model was read from.</summary>
/// <param name="Frame">The message without its graph and functions.</param>
/// <param name="External">The data that was read from files beside the model.</param>
internal sealed record ModelOrigin(ModelProto Frame, IReadOnlyDictionary<ExternalPlace, ReadOnlyMemory<byte>> External)
{
    public static ModelOrigin? Of(Model model) => (ModelOrigin?)model.Origin;

    /// <summary>Lets go of the shapes that a graph's file has declared, so that its values' own are written.</summary>
    public static void ForgetShapes(Graph graph)
    {
        if (graph.Origin is GraphProto read)
        {
            GraphProto bare = read.Clone();
            bare.ValueInfo.Clear();
            graph.Origin = bare;
        }
        foreach (Value value in graph.Values) (value.Declaration, value.OutputDeclaration) = (null, null);
    }

    /// <summary>The files beside a model that its data was read from, relative to its folder.</summary>
    public static IEnumerable<string> ExternalFiles(Model model) =>
        Of(model) is { } origin ? origin.External.Keys.Select(place => place.Location).Distinct() : [];

    /// <summary>A metadata key that the file has more than once; null for none.</summary>
    public static string? DoubledMetadata(Model model) =>
        Of(model)?.Frame.MetadataProps.GroupBy(entry => entry.Key).FirstOrDefault(alike => alike.Count() > 1)?.Key;
}
