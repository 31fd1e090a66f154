using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization.Protos;
using static GraphRewrite.Serialization.Protos.AttributeProto.Types;

namespace GraphRewrite.Serialization.Validation;

/// <summary>
/// What a node's attributes must keep to: a name that no other has, a type, a payload of that type and of no other, what the operator asks for.
/// </summary>
internal static class AttributeRules
{
    /// <param name="node">The node.</param>
    /// <param name="signature">Of its operator; null where that is not known.</param>
    /// <param name="inFunction">Whether attributes may refer to those of a function's call.</param>
    /// <returns>A line for each fault.</returns>
    public static IEnumerable<Phrase> Faults(NodeProto node, Signature? signature, bool inFunction)
    {
        var names = new HashSet<string>();
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.Name.Length == 0) yield return "an attribute has no name";
            else if (!names.Add(attribute.Name)) yield return $"the attribute '{attribute.Name}' is given twice";
            if (attribute.HasRefAttrName)
            {
                if (!inFunction) yield return $"the attribute '{attribute.Name}' refers to '{attribute.RefAttrName}', as only a function's may";
            }
            else if (Payload(attribute) is { } fault)
            {
                yield return $"the attribute '{attribute.Name}' {fault}";
            }
            (AttributeType Type, bool Required) asked = signature?.Attributes.GetValueOrDefault(attribute.Name) ?? default;
            if (asked.Type != AttributeType.Undefined && asked.Type != attribute.Type)
                yield return $"the attribute '{attribute.Name}' is of type {Name(attribute.Type)}; {Name(asked.Type)} was expected";
        }
        if (signature is null) yield break;
        foreach ((string name, (AttributeType _, bool required)) in signature.Attributes)
            if (required && !names.Contains(name)) yield return $"it lacks its attribute '{name}'";
    }

    /// <summary>What is wrong with an attribute's payload; null for nothing.</summary>
    public static string? Payload(AttributeProto attribute)
    {
        (AttributeType Type, bool Has)[] payloads =
        [
            (AttributeType.Float, attribute.HasF), (AttributeType.Int, attribute.HasI), (AttributeType.String, attribute.HasS),
            (AttributeType.Tensor, attribute.T is not null), (AttributeType.Graph, attribute.G is not null),
            (AttributeType.SparseTensor, attribute.SparseTensor is not null), (AttributeType.TypeProto, attribute.Tp is not null),
            (AttributeType.Floats, attribute.Floats.Count > 0), (AttributeType.Ints, attribute.Ints.Count > 0),
            (AttributeType.Strings, attribute.Strings.Count > 0), (AttributeType.Tensors, attribute.Tensors.Count > 0),
            (AttributeType.Graphs, attribute.Graphs.Count > 0), (AttributeType.SparseTensors, attribute.SparseTensors.Count > 0),
            (AttributeType.TypeProtos, attribute.TypeProtos.Count > 0),
        ];
        if (Array.FindIndex(payloads, payload => payload.Type == attribute.Type) is not (>= 0 and int own)) return "has no type";
        if (Array.Find(payloads, payload => payload.Has && payload.Type != attribute.Type) is { Has: true } other)
            return $"of type {Name(attribute.Type)} holds a {Name(other.Type)}";
        // Writers leave out numbers and texts that are zero or empty.
        bool mustHold = attribute.Type is AttributeType.Tensor or AttributeType.Graph or AttributeType.SparseTensor or AttributeType.TypeProto;
        return mustHold && !payloads[own].Has ? $"of type {Name(attribute.Type)} holds none" : null;
    }

    /// <summary>The tensors of an attribute, its graphs' left out.</summary>
    public static IEnumerable<TensorProto> Tensors(AttributeProto attribute) =>
        attribute.T is { } single ? attribute.Tensors.Append(single) : attribute.Tensors;

    /// <summary>The sparse tensors of an attribute.</summary>
    public static IEnumerable<SparseTensorProto> SparseTensors(AttributeProto attribute) =>
        attribute.SparseTensor is { } single ? attribute.SparseTensors.Append(single) : attribute.SparseTensors;

    /// <summary>The graphs of an attribute.</summary>
    public static IEnumerable<GraphProto> Graphs(AttributeProto attribute) =>
        attribute.G is { } single ? attribute.Graphs.Append(single) : attribute.Graphs;

    private static string Name(AttributeType type) => type.ToString().ToUpperInvariant();
}
