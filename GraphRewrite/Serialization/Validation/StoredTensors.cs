using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>Every tensor that a model message stores: initializers and attributes, of the graph, its subgraphs and the local functions.</summary>
internal static class StoredTensors
{
    public static IEnumerable<TensorProto> In(ModelProto model) =>
        (model.Graph is { } graph ? In(graph) : [])
        .Concat(model.Functions.SelectMany(function => function.Node.SelectMany(In).Concat(function.AttributeProto.SelectMany(In))))
        .Concat(model.TrainingInfo.SelectMany(info => new[] { info.Initialization, info.Algorithm }).OfType<GraphProto>().SelectMany(In));

    public static IEnumerable<TensorProto> In(GraphProto graph) =>
        graph.Initializer.Concat(graph.SparseInitializer.SelectMany(In)).Concat(graph.Node.SelectMany(In));

    private static IEnumerable<TensorProto> In(NodeProto node) => node.Attribute.SelectMany(In);

    private static IEnumerable<TensorProto> In(AttributeProto attribute)
    {
        IEnumerable<TensorProto> own = attribute.T is { } tensor ? attribute.Tensors.Append(tensor) : attribute.Tensors;
        IEnumerable<SparseTensorProto> sparse = attribute.SparseTensors;
        if (attribute.SparseTensor is { } single) sparse = sparse.Append(single);
        IEnumerable<GraphProto> graphs = attribute.G is { } graph ? attribute.Graphs.Append(graph) : attribute.Graphs;
        return own.Concat(sparse.SelectMany(In)).Concat(graphs.SelectMany(In));
    }

    private static IEnumerable<TensorProto> In(SparseTensorProto tensor) => new[] { tensor.Values, tensor.Indices }.OfType<TensorProto>();
}
