using System.Globalization;
using System.Numerics.Tensors;
using GraphRewrite.IR;
using Microsoft.ML.OnnxRuntime;
using TrainingHost.Data;
using TrainingHost.Runtime;

namespace TrainingHost.Runs;

/// <summary>Why a loss is not finite, as far as that can be known: the first thing on the way to it that is not, and what helps.</summary>
internal static class Divergence
{
    private const string Rate = "Try a smaller --lr, --warmup or --clip-norm";

    /// <param name="session">It has just made the step.</param>
    /// <param name="batch">The step's batch.</param>
    /// <param name="feeds">The same, as it went in.</param>
    /// <param name="step">From 1.</param>
    /// <param name="loss">NaN or infinite.</param>
    /// <param name="rate">The step's learning rate.</param>
    /// <param name="device">Where the step is looked into once more.</param>
    public static DivergedException Of(StepSession session, Batch batch, LoadedBatch feeds, int step, double loss, double rate, Device device)
    {
        string what = string.Create(CultureInfo.InvariantCulture, $"The loss of step {step} is {loss} (learning rate {rate:g3})");
        if (InBatch(batch) is { } input) return new($"{what}: {input}. The data is at fault, not the learning rate.");
        IEnumerable<string> read = session.Graph.State.Except(session.Graph.InPlace).Concat(session.Graph.Constants);
        if (read.FirstOrDefault(name => !IsFinite(session.ReadBefore(name))) is { } parameter)
            return new($"{what}: '{parameter}' was not finite before it. {(step == 1 ? "The model's own values are at fault" : Rate)}.");
        string where = FirstValue(session, feeds, device) is { } node
            ? $"the first value that is not finite is '{node.Out(0).Name}', of {node.Op.Type} '{node.Name}'"
            : "its inputs and parameters are finite";
        return new(step == 1
            ? $"{what}: {where}. No update was made yet: the learning rate is not at fault, but the model, the loss or the scale of the data."
            : $"{what}: {where}. {Rate}.");
    }

    /// <summary>A parameter that a checkpoint would hold is not finite.</summary>
    public static DivergedException InParameter(string name, int step) =>
        new($"After step {step} the parameter '{name}' is not finite: nothing was saved over the last checkpoint. {Rate}.");

    /// <summary>A loss on the held-out set is not finite.</summary>
    public static DivergedException InEvaluation(string set, double loss, int step) =>
        new(string.Create(
            CultureInfo.InvariantCulture, $"After step {step} the loss on the {set} set is {loss}. {Rate}, and look at that set's data."));

    public static bool IsFinite(GraphRewrite.IR.Tensor tensor) =>
        tensor.Type != ElementType.Float || TensorPrimitives.IsFiniteAll<float>(tensor.Span<float>());

    private static string? InBatch(Batch batch)
    {
        foreach (BatchTensor tensor in batch.Inputs.Append(batch.Labels).Where(tensor => tensor.Floats.Length > 0))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                if (!TensorPrimitives.IsFiniteAll<float>(tensor.FloatsOf(row)))
                    return $"'{tensor.Example.Name}' holds NaN or infinity in example {row} of the batch";
            }
        }
        return null;
    }

    /// <summary>Runs what the loss depends on once more, with every value as an output; null where that cannot be done, or all are finite.</summary>
    private static Node? FirstValue(StepSession session, LoadedBatch feeds, Device device)
    {
        Model model = session.Graph.LossWithEveryValue();
        try
        {
            using SessionOptions options = device.SessionOptions();
            using InferenceSession looking = Sessions.Open(model, options);
            using var run = new RunOptions();
            var inputs = new Dictionary<string, OrtValue>(feeds.Values);
            foreach (string name in looking.InputNames.Where(name => !inputs.ContainsKey(name)))
                inputs[name] = OrtTensors.ToOrtValue(session.ReadBefore(name));
            inputs = inputs.Where(pair => looking.InputNames.Contains(pair.Key)).ToDictionary();
            using IDisposableReadOnlyCollection<OrtValue> outputs = looking.Run(run, inputs, looking.OutputNames);
            HashSet<string> bad = [.. looking.OutputNames.Zip(outputs)
                .Where(pair => !TensorPrimitives.IsFiniteAll(pair.Second.GetTensorDataAsSpan<float>())).Select(pair => pair.First)];
            return model.Graph.Nodes.FirstOrDefault(node => bad.Contains(node.Out(0).Name));
        }
        catch (Exception e) when (e is OnnxRuntimeException or GraphRewrite.Diagnostics.GraphRewriteException)
        {
            return null; // the loss is what counts; this was only to say more about it
        }
    }
}
