using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using SkiaSharp;
using TrainingHost.Commands;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Commands;

/// <summary>predict: the classes that the exported model gives for the pixels of image files, by file, folder and standard input.</summary>
[TestClass]
public sealed class PredictCommandTests
{
    private const int Images = 5, Side = 28;

    [TestMethod]
    public void GivesTheClassesOfTheExportedModel()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), exported = folder.File("model.onnx"), beside = folder.File("beside.onnx"), bytes = folder.File("bytes.onnx");
        Verb.Run("train", TestData.Case("lenet"), "--steps", "40", "--output", run);
        Verb.Run("export", run, "--output", exported);
        Verb.Run("export", run, "--output", beside, "--no-preprocessing");
        Verb.Run("export", run, "--output", bytes, "--uint8", "--batch", "2");
        string photos = Directory.CreateDirectory(folder.File("photos")).FullName;
        byte[][] pixels = [.. Enumerable.Range(0, Images).Select(i => Drawn(Path.Combine(photos, $"{i}.png"), i))];
        File.WriteAllText(Path.Combine(photos, "notes.txt"), "no image");
        double[] expected = Probabilities(exported, pixels);
        int classes = expected.Length / Images;

        foreach (string model in new[] { run, exported, beside, bytes })
        {
            using var json = JsonDocument.Parse(Verb.Run("predict", model, photos, "--json", "--top", "3", "--batch-size", "2"));
            JsonElement[] all = [.. json.RootElement.EnumerateArray()];
            Assert.HasCount(Images, all);
            for (int i = 0; i < Images; i++)
            {
                double[] p = expected[(i * classes)..((i + 1) * classes)];
                int[] order = [.. Enumerable.Range(0, classes).OrderByDescending(c => p[c]).Take(3)];
                JsonElement[] found = [.. all[i].GetProperty("classes").EnumerateArray()];
                Assert.AreEqual(Path.Combine(photos, $"{i}.png"), all[i].GetProperty("file").GetString());
                CollectionAssert.AreEqual(order, found.Select(c => c.GetProperty("index").GetInt32()).ToArray(), model);
                foreach ((int c, JsonElement one) in order.Zip(found)) Assert.AreEqual(p[c], one.GetProperty("probability").GetDouble(), 1e-5, model);
            }
        }
        string first = Path.Combine(photos, "0.png"), line = Verb.Run("predict", run, first).TrimEnd();
        Assert.StartsWith($"{first}: ", line);
        Assert.EndsWith(" %", line);
        Assert.AreEqual(line.Replace(first, "-", StringComparison.Ordinal), FromStandardInput(run, first));

        File.WriteAllText(Path.Combine(photos, "1.png"), "damaged");
        var output = new StringWriter();
        Assert.AreEqual(1, CommandLine.Run(["predict", run, photos], output, TextWriter.Null), "the others are predicted all the same");
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(Images, lines);
        Assert.IsTrue(lines.Any(said => said.StartsWith("warning: ", StringComparison.Ordinal) && said.Contains("1.png", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("what is to be done to raw data before this model is not known", "MODEL", "IMAGE")]
    [DataRow("no such file or folder", "MODEL", "nowhere.png")]
    public void RefusedInOneLine(string message, params string[] args)
    {
        using var folder = new TemporaryFolder();
        string image = folder.File("image.png"), model = Path.Combine(TestData.Case("lenet"), "forward.onnx");
        Drawn(image, 1);
        var error = new StringWriter { NewLine = "\n" };
        string[] placed = [.. args.Select(word => word == "MODEL" ? model : word == "IMAGE" ? image : word)];
        Assert.AreEqual(2, CommandLine.Run(["predict", .. placed], TextWriter.Null, error));
        Assert.Contains(message, error.ToString());
        Assert.HasCount(2, error.ToString().Split('\n'));
    }

    /// <summary>
    /// Rows of tables, whatever the order of their columns and whatever else they have, against a plain loop over the model without preprocessing;
    /// by the run, by exported models in both forms, and from standard input.
    /// </summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void RowsOfATable(bool classes)
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), beside = folder.File("beside.onnx"), inside = folder.File("inside.onnx"), table = folder.File("new.csv");
        string data = ColumnsModel.WriteClasses(folder.File("t.csv"), 60);
        string[] kind = classes ? ["--label", "kind"] : ["--label", "a,b", "--ignore", "kind", "--loss", "mse"];
        string model = ColumnsModel.Write(folder.File("forward.onnx"), classes ? 3 : 1, classes ? 3 : 2);
        Verb.Run(["train", model, "--data", data, .. kind, "--epochs", "3", "--lr", "0.05", "--batch-size", "8", "-o", run]);
        Verb.Run("export", run, "-o", beside, "--no-preprocessing");
        Verb.Run("export", run, "-o", inside, "--batch", "2");
        double[][] cells = [[0.25, 2.5, 1], [3, 0.5, 2], [1.5, 1.25, 4]];
        string Text(double[] row) => string.Join(',', new[] { row[2], row[0], row[1] }.Select(x => x.ToString(CultureInfo.InvariantCulture)));
        File.WriteAllLines(table, ["c,note,a,b", .. cells.Select(row => Text(row).Insert(Text(row).IndexOf(',', StringComparison.Ordinal), ",x"))]);

        Preprocessing known = Preprocessing.FromJson(File.ReadAllText(Path.Combine(run, "preprocessing.json")), run);
        CollectionAssert.AreEqual(classes ? new[] { "a", "b", "c" } : ["c"], known.Columns!.ToArray());
        double[][] taken = [.. cells.Select(row => classes ? row : [row[2]])];
        float[] normal = [.. taken.SelectMany(row => row.Select((x, i) => (float)((x - known.Mean[i]) / known.Std[i])))];
        Model plain = OnnxReader.Read(beside);
        var feeds = new Dictionary<string, Tensor> { ["columns"] = Tensor.Of([3, taken[0].Length], normal) };
        double[][] outputs = [.. new OrtGraphRunner().Run(plain, feeds).Values.Single().ToDouble().Chunk(classes ? 3 : 2)];

        foreach (string by in new[] { run, beside, inside })
        {
            using var json = JsonDocument.Parse(Verb.Run("predict", by, table, "--json", "--top", "3", "--batch-size", "2"));
            JsonElement[] rows = [.. json.RootElement.EnumerateArray()];
            Assert.HasCount(3, rows, by);
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(i + 1, rows[i].GetProperty("row").GetInt32());
                if (classes)
                {
                    double sum = outputs[i].Sum(Math.Exp);
                    foreach (JsonElement one in rows[i].GetProperty("classes").EnumerateArray())
                    {
                        int c = one.GetProperty("index").GetInt32();
                        Assert.AreEqual(known.ClassNames![c], one.GetProperty("class").GetString());
                        Assert.AreEqual(Math.Exp(outputs[i][c]) / sum, one.GetProperty("probability").GetDouble(), 1e-5, by);
                    }
                }
                else
                {
                    double[] values = [.. rows[i].GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
                    TrActOnnx.Tests.TrAct.Deviation.AssertWithin(outputs[i], values, 1e-5);
                }
            }
        }
        string[] lines = Verb.Run("predict", run, table).TrimEnd().Split('\n');
        Assert.HasCount(3, lines);
        Assert.StartsWith($"{table}, row 1: ", lines[0]);
        Assert.AreEqual(string.Join('\n', lines).Replace(table, "-", StringComparison.Ordinal), FromStandardInput(run, table));

        File.WriteAllText(table, "a,b\n1,2\n");
        Assert.AreEqual($"{table}: has no column c, which the model was trained with; there are a, b.", Verb.Fail("predict", run, table));
        File.WriteAllText(table, "a,b,c\n1,2,3\n1,2,\n");
        (int code, string output, _) = Verb.Result("predict", run, table);
        Assert.AreEqual(1, code, "the other row is predicted all the same");
        Assert.Contains($"warning: {table}, row 2: 'c' holds no number", output);
        Assert.Contains($"{table}, row 1: ", output);

        Assert.AreEqual(
            $"{inside}: has its preprocessing inside, as export puts it there: mean and deviation would be applied twice. "
            + "Take the model that the run began with, the run itself (train --resume RUN, evaluate RUN), or what export --no-preprocessing writes.",
            Verb.Fail(["train", inside, "--data", data, .. kind]));
    }

    /// <summary>Each class by itself, or numbers: what the loss takes the logits for.</summary>
    [TestMethod]
    [DataRow("bce-with-logits")]
    [DataRow("mse")]
    public void ImagesByOtherLosses(string loss)
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), inside = folder.File("inside.onnx"), beside = folder.File("beside.onnx"), image = folder.File("image.png");
        Verb.Run("train", Path.Combine(TestData.Case("lenet"), "forward.onnx"), "--loss", loss, "--steps", "20", "--output", run);
        Verb.Run("export", run, "--output", inside);
        Verb.Run("export", run, "--output", beside, "--no-preprocessing");
        Preprocessing known = Preprocessing.FromJson(File.ReadAllText(Path.Combine(run, "preprocessing.json")), run);
        float[] normal = [.. Drawn(image, 3).Select(pixel => (float)(((pixel * known.Scale) - known.Mean[0]) / known.Std[0]))];
        Model plain = OnnxReader.Read(beside);
        var feeds = new Dictionary<string, Tensor> { [plain.Graph.Inputs[0].Name] = Tensor.Of([1, 1, Side, Side], normal) };
        double[] outputs = new OrtGraphRunner().Run(plain, feeds).Values.Single().ToDouble();

        foreach (string by in new[] { run, inside, beside })
        {
            using var json = JsonDocument.Parse(Verb.Run("predict", by, image, "--json", "--top", "10"));
            JsonElement found = json.RootElement[0];
            if (loss == "mse")
            {
                double[] values = [.. found.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
                TrActOnnx.Tests.TrAct.Deviation.AssertWithin(outputs, values, 1e-5);
                Assert.DoesNotContain("%", Verb.Run("predict", by, image));
                continue;
            }
            foreach (JsonElement one in found.GetProperty("classes").EnumerateArray())
            {
                double logit = outputs[one.GetProperty("index").GetInt32()];
                Assert.AreEqual(1 / (1 + Math.Exp(-logit)), one.GetProperty("probability").GetDouble(), 1e-5, by);
            }
        }
    }

    /// <summary>A grey image, and its pixels.</summary>
    private static byte[] Drawn(string file, int seed)
    {
        using var bitmap = new SKBitmap(Side, Side);
        var pixels = new byte[Side * Side];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(((i % Side * (seed + 2)) + (i / Side * 5)) % 256);
            bitmap.SetPixel(i % Side, i / Side, new SKColor(pixels[i], pixels[i], pixels[i]));
        }
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(file, png.ToArray());
        return pixels;
    }

    private static double[] Probabilities(string exported, byte[][] pixels)
    {
        Model model = OnnxReader.Read(exported);
        Tensor raw = Tensor.Of([pixels.Length, 1, Side, Side], [.. pixels.SelectMany(image => image).Select(pixel => (float)pixel)]);
        return new OrtGraphRunner().Run(model, new Dictionary<string, Tensor> { [model.Graph.Inputs[0].Name] = raw }).Values.Single().ToDouble();
    }

    private static string FromStandardInput(string model, string file)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, "predict", model, "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.BaseStream.Write(File.ReadAllBytes(file));
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.TrimEnd();
    }
}
