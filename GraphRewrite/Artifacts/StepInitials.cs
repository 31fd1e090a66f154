using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.StepGraphs;

namespace GraphRewrite.Artifacts;

/// <summary>The values that a step graph begins with: parameters, running statistics, moments, the step.</summary>
public static class StepInitials
{
    /// <summary>ONNX Runtime Training's names of the moments in a checkpoint, in the order m, v.</summary>
    private static readonly Dictionary<string, string> MomentNames = new() { ["m"] = "momentum0", ["v"] = "momentum1" };

    /// <summary>Values from a checkpoint; a fresh one has no moments, they begin at zero.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="names">What the step graph calls them.</param>
    public static OrderedDictionary<string, Tensor> From(Checkpoint checkpoint, StepNames names)
    {
        var values = new OrderedDictionary<string, Tensor>();
        foreach ((string name, Tensor tensor) in checkpoint.Trainable.Concat(checkpoint.Frozen)) values[name] = tensor;
        if (checkpoint.OptimizerGroups is not [OptimizerGroup group, ..]) return values;
        values[names.Step] = Tensor.Vector(group.Step);
        foreach ((string parameter, OrderedDictionary<string, Tensor> momentums) in group.Momentums)
        {
            foreach ((string moment, string name) in MomentNames)
                if (momentums.TryGetValue(name, out Tensor? tensor)) values[names.Moment(parameter, moment)] = tensor;
        }
        return values;
    }

    /// <summary>How large the checkpoints of a run will be, told before it has trained.</summary>
    /// <param name="graph">The step graph.</param>
    /// <param name="before">The checkpoint that the run begins with.</param>
    public static CheckpointSize SizeOf(StepGraph graph, Checkpoint before)
    {
        HashSet<string> states = [.. graph.State];
        long state = 0;
        foreach (string parameter in graph.Trainable)
        {
            if (!before.Trainable.TryGetValue(parameter, out Tensor? tensor)) continue;
            IEnumerable<string> moments = MomentNames.Keys.Select(moment => graph.Names.Moment(parameter, moment)).Where(states.Contains);
            ElementType[] types = [.. moments.Select(moment => graph.Model.Graph.Get(graph.InputsOf(moment)[0]).Type)];
            // An optimizer without moments has one of zeros in the file.
            foreach (ElementType type in types.DefaultIfEmpty(tensor.Type))
                state += CheckpointSize.Of(parameter, tensor.Data.Length / tensor.Type.SizeOf() * (long)type.SizeOf(), tensor.Rank);
        }
        HashSet<string> averages = AveragesIn(before, graph.Names); // a resumed run's, which it makes anew
        long parameters = before.Trainable.Concat(before.Frozen.Where(named => !averages.Contains(named.Key))).Sum(CheckpointSize.Of);
        foreach ((string own, string average) in graph.Averages)
            parameters += CheckpointSize.Of(new KeyValuePair<string, Tensor>(average, before.Trainable.GetValueOrDefault(own) ?? before.Frozen[own]));
        return new(parameters, state);
    }

    /// <summary>
    /// The checkpoint whose parameters and running statistics are their moving averages, without optimizer state; null where it holds no averages.
    /// </summary>
    /// <param name="checkpoint">A checkpoint that <see cref="ToCheckpoint"/> made.</param>
    /// <param name="names">What the step graph calls them.</param>
    public static Checkpoint? Averaged(Checkpoint checkpoint, StepNames names)
    {
        HashSet<string> averages = AveragesIn(checkpoint, names);
        if (averages.Count == 0) return null;
        var averaged = new Checkpoint { Version = checkpoint.Version };
        Tensor Of(string name, Tensor own) => checkpoint.Frozen.GetValueOrDefault(names.Average(name)) ?? own;
        foreach ((string name, Tensor own) in checkpoint.Trainable) averaged.Trainable[name] = Of(name, own);
        foreach ((string name, Tensor own) in checkpoint.Frozen)
            if (!averages.Contains(name)) averaged.Frozen[name] = Of(name, own);
        return averaged;
    }

    /// <summary>
    /// The checkpoint of a run: parameters, running statistics, moments and step as they are now, properties as they were. Moving averages are among
    /// the parameters that are not trained: ONNX Runtime Training hands them on.
    /// </summary>
    /// <param name="graph">The step graph.</param>
    /// <param name="before">The checkpoint that the run began with.</param>
    /// <param name="valueOf">The present value of a state or constant.</param>
    /// <param name="learningRate">The learning rate that the group records.</param>
    public static Checkpoint ToCheckpoint(StepGraph graph, Checkpoint before, Func<string, Tensor> valueOf, float learningRate)
    {
        var after = new Checkpoint { Version = before.Version };
        HashSet<string> known = [.. graph.State, .. graph.Constants];
        Tensor Now(string name, Tensor old) => known.Contains(name) ? valueOf(name) : old;
        foreach ((string name, Tensor old) in before.Trainable) after.Trainable[name] = Now(name, old);
        HashSet<string> averages = AveragesIn(before, graph.Names);
        foreach ((string name, Tensor old) in before.Frozen)
            if (!averages.Contains(name)) after.Frozen[name] = Now(name, old);
        foreach (string name in graph.Averages.Values) after.Frozen[name] = valueOf(name);
        foreach ((string name, long value) in before.Properties.Ints) after.Properties.Ints[name] = value;
        foreach ((string name, float value) in before.Properties.Floats) after.Properties.Floats[name] = value;
        foreach ((string name, string value) in before.Properties.Strings) after.Properties.Strings[name] = value;

        var group = new OptimizerGroup("group0") { Step = valueOf(graph.Names.Step).Span<long>()[0], InitialLearningRate = learningRate };
        foreach (string parameter in graph.Trainable.Order(StringComparer.Ordinal))
        {
            var momentums = new OrderedDictionary<string, Tensor>();
            foreach ((string moment, string name) in MomentNames)
                if (graph.Names.Moment(parameter, moment) is { } own && known.Contains(own)) momentums[name] = valueOf(own);
            if (momentums.Count == 0) momentums["momentum0"] = Tensor.Zeros(after.Trainable[parameter].Type, after.Trainable[parameter].Dims);
            group.Momentums[parameter] = momentums;
        }
        after.OptimizerGroups.Add(group);
        return after;
    }

    /// <summary>The names of a checkpoint's moving averages.</summary>
    private static HashSet<string> AveragesIn(Checkpoint checkpoint, StepNames names) =>
        [.. checkpoint.Trainable.Keys.Concat(checkpoint.Frozen.Keys).Select(names.Average).Where(checkpoint.Frozen.ContainsKey)];
}
