using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrActOnnx.Tests.Data.Sources;

[TestClass]
public sealed class ImageFolderTests
{
    [TestMethod]
    public void Classes_AreTheFoldersInOrder_WhateverTheFormat()
    {
        using var folder = new TemporaryFolder();
        Put(folder, "dog/a.png", "picture.png");
        Put(folder, "dog/deep/er/b.JPG", "picture.jpg");
        Put(folder, "cat/c.webp", "picture.webp");
        Put(folder, "cat/d.bmp", "picture.bmp");
        Put(folder, "bird/e.png", "grey.png");
        Put(folder, "bird/notes.txt", "picture.bmp");
        DataParts parts = Open(folder);
        CollectionAssert.AreEqual(new[] { "bird", "cat", "dog" }, parts.Training.Labels.ClassNames!.ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 1, 1, 2, 2 }, parts.Training.Labels.Values.Integers);
        Assert.IsNull(parts.Validation);
        Assert.AreEqual($"{folder.Path}: left out, as no images: 1 .txt.", parts.Notes.Single());
        IImageSource images = ((ImageInputs)parts.Training.Inputs).Images;
        for (int i = 0; i < images.Count; i++) Assert.AreEqual(new ImageSize(4, 17, 23), images.Load(i).Size);
        Assert.IsNull(images.Size, "grey and colour");
    }

    [TestMethod]
    public void Parts_ShareTheTrainingPartsClasses()
    {
        using var folder = new TemporaryFolder();
        Put(folder, "train/a/1.png", "picture.png");
        Put(folder, "train/b/1.png", "picture.png");
        Put(folder, "train/c/1.png", "picture.png");
        Put(folder, "Val/c/1.png", "picture.png");
        Put(folder, "test/b/1.png", "picture.png");
        DataParts parts = Open(folder);
        CollectionAssert.AreEqual(new long[] { 2 }, parts.Validation!.Labels.Values.Integers);
        CollectionAssert.AreEqual(new long[] { 1 }, parts.Test!.Labels.Values.Integers);
        Assert.AreEqual(new ImageSize(3, 17, 23), ((ImageInputs)parts.Training.Inputs).Images.Size);
        Put(folder, "test/z/1.png", "picture.png");
        Refuses($"{folder.File("test")}: the class z is not among the training part's: a, b, c.", folder);
    }

    [TestMethod]
    public void WhatIsMissing_IsSaid()
    {
        using var folder = new TemporaryFolder();
        Put(folder, "val/a/1.png", "picture.png");
        Refuses($"{folder.Path}: has val/ and no train/. Give the folder with train/, or that of the classes.", folder);
        Directory.CreateDirectory(folder.File("train/a"));
        Refuses($"{folder.File("train/a")}: holds no images (.png, .jpg, .jpeg, .bmp, .webp, .gif); a class needs some.", folder);
        Directory.Delete(folder.File("train/a"));
        Refuses($"{folder.File("train")}: holds no folders. One folder a class is expected, with its images in it.", folder);
    }

    private static void Refuses(string message, TemporaryFolder folder) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => Open(folder)).Message);

    private static DataParts Open(TemporaryFolder folder) => DataSource.Open(new DataChoice { Data = folder.Path }, ["x", "y"]);

    private static void Put(TemporaryFolder folder, string path, string sample)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(path))!);
        File.Copy(ImageTruth.File(sample), folder.File(path));
    }
}
