using Google.Protobuf;
using Google.Protobuf.Reflection;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>
/// Where two models that were read differ in fields that the IR does not hold: documentation, versions, training information, annotations.
/// </summary>
internal static class UnmodeledFields
{
    /// <summary>A line for each difference; a model that was built has no such fields.</summary>
    public static IEnumerable<string> Differences(Model before, Model after) =>
        Differences("model", Bare(ModelOrigin.Of(before)?.Frame), Bare(ModelOrigin.Of(after)?.Frame));

    /// <summary>A line for each difference.</summary>
    public static IEnumerable<string> Differences(Graph before, Graph after) =>
        Differences("graph", Bare((GraphProto?)before.Origin), Bare((GraphProto?)after.Origin));

    private static IEnumerable<string> Differences(string what, IMessage? before, IMessage? after)
    {
        if (before is null || after is null) yield break;
        bool explained = false;
        foreach (FieldDescriptor field in before.Descriptor.Fields.InDeclarationOrder())
        {
            if (Equals(field.Accessor.GetValue(before), field.Accessor.GetValue(after))) continue;
            explained = true;
            yield return $"the {what}'s {field.Name} differs: {field.Accessor.GetValue(before)} in BEFORE, {field.Accessor.GetValue(after)} in AFTER";
        }
        if (!explained && !before.Equals(after)) yield return $"the {what} has other unknown fields in AFTER";
    }

    /// <summary>The message without what the IR holds.</summary>
    private static ModelProto? Bare(ModelProto? frame)
    {
        if (frame?.Clone() is not { } bare) return null;
        bare.ClearIrVersion();
        bare.OpsetImport.Clear();
        bare.MetadataProps.Clear();
        return bare;
    }

    private static GraphProto? Bare(GraphProto? frame)
    {
        if (frame?.Clone() is not { } bare) return null;
        bare.ClearName();
        bare.ValueInfo.Clear();
        return bare;
    }
}
