using GraphRewrite.Diagnostics;
using Parquet;
using Parquet.Schema;
using TrainingHost.Data;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrActOnnx.Tests.Data.Sources;

[TestClass]
public sealed class TableDataTests
{
    private const string Iris = "length;width;id;species\n5.1;3.5;1;setosa\n7.0;3.2;2;versicolor\n6.3;-3.3e1;3;\"setosa\"\n";

    [TestMethod]
    public void TextToPredict_IsClassesByName()
    {
        using var folder = new TemporaryFolder();
        Examples examples = Open(folder, "t.csv", Iris, new() { Label = ["species"], Ignore = ["id"] }).Training;
        var inputs = (ArrayInputs)examples.Inputs;
        CollectionAssert.AreEqual(new[] { "length", "width" }, inputs.Features!.ToArray());
        CollectionAssert.AreEqual(new[] { 5.1f, 3.5f, 7, 3.2f, 6.3f, -33 }, inputs.Arrays[0].Floats);
        CollectionAssert.AreEqual(new[] { "setosa", "versicolor" }, examples.Labels.ClassNames!.ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 1, 0 }, examples.Labels.Values.Integers);
    }

    /// <summary>numpy: a = [[5.1, 3.5], [7, 3.2], [6.3, -33]]; a.mean(0), a.std(0).</summary>
    [TestMethod]
    public void Columns_AreStandardized()
    {
        using var folder = new TemporaryFolder();
        Normalization statistics = ArrayDataset.Statistics(Open(folder, "t.csv", Iris, new() { Label = ["species"], Ignore = ["id"] }).Training);
        Assert.AreEqual(6.133333333333333, statistics.Mean[0], 1e-6);
        Assert.AreEqual(-8.766666666666667, statistics.Mean[1], 1e-6);
        Assert.AreEqual(0.7845734863959881, statistics.Std[0], 1e-6);
        Assert.AreEqual(17.135992011617603, statistics.Std[1], 1e-5);
    }

    [TestMethod]
    public void WithoutAHeading_ColumnsAreNumbered()
    {
        using var folder = new TemporaryFolder();
        Examples examples = Open(folder, "t.tsv", "7\t1\t2\n3\t4\t5\n", new() { Label = ["1"] }).Training;
        CollectionAssert.AreEqual(new long[] { 7, 3 }, examples.Labels.Values.Integers);
        CollectionAssert.AreEqual(new float[] { 1, 2, 4, 5 }, ((ArrayInputs)examples.Inputs).Arrays[0].Floats);
    }

    [TestMethod]
    public void NumbersToPredict_AreNumbers()
    {
        using var folder = new TemporaryFolder();
        ExampleLabels price = Open(folder, "t.csv", "a,price\n1,2.5\n2,3\n", new() { Label = ["price"] }).Training.Labels;
        CollectionAssert.AreEqual(new[] { 2.5f, 3 }, price.Values.Floats);
        ExampleLabels both = Open(folder, "u.csv", "a,b,c\n1,2,3\n4,5,6\n", new() { Label = ["b", "c"] }).Training.Labels;
        CollectionAssert.AreEqual(new float[] { 2, 3, 5, 6 }, both.Values.Floats);
        CollectionAssert.AreEqual(new long[] { 2 }, both.Values.Dims.ToArray());
    }

    [TestMethod]
    public void Gaps_AreNamed_OrLeftOutAndCounted()
    {
        using var folder = new TemporaryFolder();
        const string text = "a,b,label\n1,2,x\n,3,y\n4,NA,x\n5,6,\n7,8,y\n";
        string path = folder.File("t.csv");
        Refuses($"{path}, row 2: 'a' holds no number. Fill the gap, or leave out such rows (--on-corrupt skip).", folder, text, new());
        DataParts parts = Open(folder, "t.csv", text, new() { SkipCorrupt = true });
        Assert.AreEqual(2, parts.Training.Count);
        Assert.AreEqual($"3 of 5 rows are left out; the first: {path}, row 2: 'a' holds no number.", parts.Notes.Single());
        Assert.AreEqual($"{path}, row 5", parts.Training.Labels.Values.Place(1));
    }

    [TestMethod]
    public void ColumnsThatCannotBe_AreNamed()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("t.csv");
        Refuses($"{path}: which column is to be predicted? Give --label COLUMN; there are a, b.", folder, "a,b\n1,2\n", new());
        Refuses($"--label price: {path} has no such column; there are a, b.", folder, "a,b\n1,2\n", new() { Label = ["price"] });
        Refuses($"{path}: the column 'city' holds text ('Paris' in row 2); features are numbers. Encode it, leave it out (--ignore 'city'), or leave "
            + "out such rows (--on-corrupt skip).", folder, "a,city,y\n1,3,0\n2,Paris,1\n", new());
        Refuses($"{path}, line 3: 1 values, the first line has 2.", folder, "a,y\n1,2\n3\n", new());
        Refuses($"{path}: is empty.", folder, "", new());
    }

    [TestMethod]
    public void Parts_AreByFile_AndColumnsByName()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("train.csv"), "a,b,y\n1,2,cat\n3,4,dog\n");
        File.WriteAllText(folder.File("val.csv"), "y,b,a\ndog,20,10\n");
        DataParts parts = DataSource.Open(new DataChoice { Data = folder.Path }, ["x", "labels"]);
        CollectionAssert.AreEqual(new float[] { 10, 20 }, ((ArrayInputs)parts.Validation!.Inputs).Arrays[0].Floats);
        CollectionAssert.AreEqual(new long[] { 1 }, parts.Validation.Labels.Values.Integers);
        File.WriteAllText(folder.File("test.csv"), "a,b,y\n1,2,bird\n");
        Assert.AreEqual($"{folder.File("test.csv")}, row 1: the class 'bird' is not among the training table's.",
            Assert.ThrowsExactly<GraphRewriteException>(() => DataSource.Open(new DataChoice { Data = folder.Path }, ["x", "labels"])).Message);
    }

    [TestMethod]
    public async Task Parquet_IsATableToo()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("t.parquet");
        DataField a = new DataField<double>("a"), b = new DataField<int?>("b"), text = new DataField<string>("label");
        await using (FileStream file = File.Create(path))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(a, b, text), file))
        {
            foreach (int group in new[] { 0, 1 })
            {
                using ParquetRowGroupWriter rows = writer.CreateRowGroup();
                await rows.WriteAsync<double>(a, new double[] { group + 0.5, group + 1.5 });
                await rows.WriteAsync<int>(b, new int?[] { group, group == 0 ? 7 : null });
                await rows.WriteAsync(text, new[] { "yes", "no" });
            }
        }
        DataParts parts = DataSource.Open(new DataChoice { Data = path, SkipCorrupt = true }, ["x", "labels"]);
        CollectionAssert.AreEqual(new[] { 0.5f, 0, 1.5f, 7, 1.5f, 1 }, ((ArrayInputs)parts.Training.Inputs).Arrays[0].Floats);
        CollectionAssert.AreEqual(new long[] { 1, 0, 1 }, parts.Training.Labels.Values.Integers);
        File.WriteAllText(path, "PAR1 not really");
        Assert.StartsWith($"{path}: cannot be read as Parquet (",
            Assert.ThrowsExactly<GraphRewriteException>(() => DataSource.Open(new DataChoice { Data = path }, ["x", "labels"])).Message);
    }

    private static DataParts Open(TemporaryFolder folder, string name, string text, DataChoice choice)
    {
        File.WriteAllText(folder.File(name), text);
        return DataSource.Open(choice with { Data = folder.File(name) }, ["x", "labels"]);
    }

    private static void Refuses(string message, TemporaryFolder folder, string text, DataChoice choice) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => Open(folder, "t.csv", text, choice)).Message);
}
