using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Randomness;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Models;

/// <summary>The model for inference, as export is asked for it.</summary>
internal static class ExportedModel
{
    private const int Together = 3; // examples that are held against each alone
    private const double Tolerance = 1e-3; // of the largest logit: other kernels for other sizes

    /// <param name="settings">What is asked for.</param>
    /// <param name="artifacts">The trained values.</param>
    /// <param name="forward">The forward model that they are of, as it was read; null where it is not known.</param>
    /// <exception cref="GraphRewriteException">The batch axis cannot be what is asked for.</exception>
    public static Model Of(ExportSettings settings, TrainingArtifacts artifacts, Model? forward)
    {
        Dictionary<string, Tensor> parameters = artifacts.Parameters.ToDictionary();
        bool keeps = !settings.RaisesOpset && forward?.Graph.Find(artifacts.Prediction) is { IsGraphOutput: true };
        Model model = keeps ? InferenceModel.OfForward(forward!, artifacts.Prediction, parameters.GetValueOrDefault)
            : InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault, ownPrecision: true);
        if (settings.Batch is { } batch) SetBatch(model, batch, settings.Run);
        return model;
    }

    /// <summary>Sets the axis, and runs the model to see that it holds.</summary>
    private static void SetBatch(Model model, BatchAxis batch, string path)
    {
        InferenceModel.SetBatch(model, batch.Size);
        if (!model.Graph.Inputs.All(input => input.Shape is { Rank: > 0 } shape && shape.Skip(1).All(dim => dim.IsKnown))) return; // nothing to feed
        try
        {
            int count = (int?)batch.Size ?? Together;
            Dictionary<string, Tensor> feeds = Feeds(model.Graph, count);
            string output = model.Graph.Outputs[0].Name;
            double[] all = new OrtGraphRunner().Run(model, feeds)[output].ToDouble();
            if (batch.Size is null && !RowsAreTheirOwn(model, feeds, output, all))
                throw new GraphRewriteException($"{batch}: {path}: what it gives for an example depends on the others of its batch.");
        }
        catch (GraphRewriteException e) when (e.InnerException is Microsoft.ML.OnnxRuntime.OnnxRuntimeException)
        {
            throw new GraphRewriteException($"{batch}: {path}: the model computes with another batch size. {e.Message.Split('\n')[0]}", e);
        }
    }

    private static bool RowsAreTheirOwn(Model model, Dictionary<string, Tensor> feeds, string output, double[] all)
    {
        double largest = all.Max(Math.Abs);
        int length = all.Length / Together;
        for (int row = 0; row < Together; row++)
        {
            Dictionary<string, Tensor> single = feeds.ToDictionary(pair => pair.Key, pair => Row(pair.Value, row));
            double[] alone = new OrtGraphRunner().Run(model, single)[output].ToDouble();
            IEnumerable<double> off = alone.Zip(all.Skip(row * length), (a, b) => Math.Abs(a - b));
            if (alone.Length != length || !off.All(difference => difference <= Tolerance * largest)) return false;
        }
        return true;
    }

    /// <summary>Normal numbers; 0 where the input takes none with fractions.</summary>
    private static Dictionary<string, Tensor> Feeds(Graph graph, int count)
    {
        var random = new Pcg32(1, 1);
        return graph.Inputs.ToDictionary(input => input.Name, input =>
        {
            long[] dims = [count, .. input.Shape!.Skip(1).Select(dim => dim.Value)];
            if (input.Type != ElementType.Float) return Tensor.Filled(input.Type, dims, 0);
            var values = new float[dims.Aggregate(1L, (product, dim) => product * dim)];
            for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextNormal();
            return Tensor.Of(dims, values);
        });
    }

    private static Tensor Row(Tensor tensor, int row)
    {
        long[] dims = [1, .. tensor.Dims.Skip(1)];
        if (tensor.Type != ElementType.Float) return Tensor.Filled(tensor.Type, dims, 0);
        int length = (int)(tensor.Length / tensor.Dims[0]);
        return Tensor.Of(dims, tensor.Span<float>().Slice(row * length, length).ToArray());
    }
}
