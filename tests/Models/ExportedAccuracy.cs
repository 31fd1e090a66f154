using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Data;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Models;

/// <summary>What a stock ONNX Runtime makes of an exported model and raw pixels.</summary>
internal static class ExportedAccuracy
{
    private const int Together = 100;

    /// <param name="file">The exported model, with its preprocessing inside.</param>
    /// <param name="run">The run that it is of: its model says how large the images are.</param>
    /// <returns>The part of the 2,000 embedded test images whose largest probability is that of the label.</returns>
    public static double OfRawTestImages(string file, string run)
    {
        // (p/255 − 0)/(1/255): the pixels as they are.
        IDataset raw = ModelData.Open(new() { Mean = [0], Std = [1 / 255.0] }, TrainableModel.Open(run, new()), 1).Test!;
        Model model = OnnxReader.Read(file);
        string input = model.Graph.Inputs.Single().Name;
        var batch = new Batch(raw, Together);
        int correct = 0;
        for (int start = 0; start < raw.Count; start += Together)
        {
            raw.Fill(Enumerable.Range(start, Together).ToArray(), batch);
            var feeds = new Dictionary<string, Tensor> { [input] = Tensor.Of([Together, .. raw.Inputs[0].Dims], [.. batch.Inputs[0].Floats]) };
            double[][] probabilities = [.. new OrtGraphRunner().Run(model, feeds).Values.Single().ToDouble().Chunk(10)];
            for (int i = 0; i < Together; i++)
            {
                Assert.AreEqual(1, probabilities[i].Sum(), 1e-3, "probabilities");
                if (Array.IndexOf(probabilities[i], probabilities[i].Max()) == batch.Labels.Integers[i]) correct++;
            }
        }
        return (double)correct / raw.Count;
    }
}
