using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>
/// The door: every model is held against ONNX's rules and the program's limits (<see cref="Limits"/>) before anything is made of it, whichever way it
/// comes in. What passes may be relied on by everything behind.
/// </summary>
internal static class ModelRules
{
    /// <exception cref="GraphRewriteException">All that the model offends against, in one message.</exception>
    public static void Check(ModelProto model)
    {
        if (model.Graph is null || model.OpsetImport.Count == 0)
            throw new GraphRewriteException("not an ONNX model: it has no graph or names no operator set");
        var offences = new Offences();
        var functions = new FunctionTable(model, offences);
        offences.ThrowIfAny(); // before calls are followed
        ModelSize.Check(model, functions);

        Check(model.Graph, Opsets(model.OpsetImport, "", offences), "");
        foreach (FunctionProto function in model.Functions)
        {
            string where = $"the function '{function.Name}'";
            new GraphRules(new(functions, Opsets(function.OpsetImport, where, offences), inFunction: true), offences).Check(function, where);
        }
        foreach (GraphProto graph in model.TrainingInfo.SelectMany(info => new[] { info.Initialization, info.Algorithm }).OfType<GraphProto>())
            foreach (TensorProto tensor in StoredTensors.In(graph)) TensorRules.Check(tensor, "training_info", offences);
        offences.ThrowIfAny();

        void Check(GraphProto graph, Dictionary<string, long> opsets, string where) =>
            new GraphRules(new(functions, opsets, inFunction: false), offences).Check(graph, outer: null, where);
    }

    private static Dictionary<string, long> Opsets(IEnumerable<OperatorSetIdProto> imports, string where, Offences offences)
    {
        var opsets = new Dictionary<string, long>();
        foreach (OperatorSetIdProto opset in imports)
        {
            string domain = OpId.FoldDomain(opset.Domain);
            if (!opsets.TryAdd(domain, opset.Version) && opsets[domain] != opset.Version)
                offences.Add(where, $"the operator set '{opset.Domain}' is imported in two versions");
        }
        return opsets;
    }
}
