using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Artifacts;

/// <summary>Checkpoints beyond 2 GiB: the same contents in the safetensors format, as its specification has it.</summary>
[TestClass]
public sealed class SafetensorsCheckpointTests
{
    [TestMethod]
    [DataRow("lenet/checkpoint")]
    [DataRow("lenet/checkpoint.after")]
    [DataRow("mlp/checkpoint.after")]
    public void WhatExceedsTheLimitReadsEqual(string file)
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = Checkpoint.Read(Path.Combine(TestData.Cases, file));
        long size = CheckpointTests.Bytes(checkpoint).Length;
        using (AtomicFiles files = AtomicFiles.In(folder.Path))
        {
            checkpoint.Write(files, [folder.File("large")], limit: size - 1);
            checkpoint.Write(files, [folder.File("small")], limit: 2 * size);
            files.Commit();
        }
        Assert.IsTrue(SafetensorsCheckpoint.IsOne(File.ReadAllBytes(folder.File("large"))));
        Assert.IsFalse(SafetensorsCheckpoint.IsOne(File.ReadAllBytes(folder.File("small"))));
        CheckpointTests.AssertSame(checkpoint, Checkpoint.Read(folder.File("large")));
        CheckpointTests.AssertSame(checkpoint, Checkpoint.Read(folder.File("small")));
    }

    [TestMethod]
    public void EveryFieldSurvives()
    {
        Checkpoint sample = CheckpointTests.Sample();
        sample.Properties.Floats["none"] = float.NaN;
        CheckpointTests.AssertSame(sample, Checkpoint.Parse(Bytes(sample), "sample"));
    }

    /// <summary>Read by the words of the specification alone: length, header, offsets from the header's end without holes.</summary>
    [TestMethod]
    public void IsSafetensors()
    {
        Checkpoint checkpoint = Checkpoint.Read(Path.Combine(TestData.Case("lenet"), "checkpoint.after"));
        byte[] bytes = Bytes(checkpoint);
        int header = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(bytes, 8, header));
        Assert.AreEqual(0, (8 + header) % 8, "the data is aligned");
        long at = 0;
        foreach (JsonProperty tensor in json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            long[] offsets = [.. tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
            Assert.AreEqual(at, offsets[0], tensor.Name);
            Assert.AreEqual("F32", tensor.Value.GetProperty("dtype").GetString());
            at = offsets[1];
        }
        Assert.AreEqual(bytes.Length - 8 - header, at);
        JsonElement weight = json.RootElement.GetProperty("trainable/conv1.weight");
        long[] shape = [.. weight.GetProperty("shape").EnumerateArray().Select(dim => dim.GetInt64())];
        CollectionAssert.AreEqual(checkpoint.Trainable["conv1.weight"].Dims.ToArray(), shape);
        int begin = 8 + header + weight.GetProperty("data_offsets")[0].GetInt32();
        byte[] data = checkpoint.Trainable["conv1.weight"].Data.ToArray();
        CollectionAssert.AreEqual(data, bytes[begin..(begin + data.Length)]);
    }

    [TestMethod]
    [DataRow("\"data_offsets\":[0,16]", "\"data_offsets\":[0,17]", "'trainable/w'")]
    [DataRow("\"data_offsets\":[0,16]", "\"data_offsets\":[4,16]", "'trainable/w' lies at bytes 4 to 16")]
    [DataRow("\"shape\":[2,2]", "\"shape\":[2,3]", "'trainable/w', F32[2,3], has 16 bytes")]
    [DataRow("\"dtype\":\"F32\"", "\"dtype\":\"F31\"", "has the type 'F31'")]
    [DataRow("\"shape\":[2,2]", "\"shape\":null", "the checkpoint is damaged")]
    [DataRow("trainable/scalar", "trainable/w", "'trainable/w' occurs twice")]
    [DataRow("trainable/scalar", "elsewhere/scalar", "'elsewhere/scalar' has no place in a checkpoint")]
    [DataRow("state/0/momentum0", "state/9/momentum0", "has no place in a checkpoint")]
    [DataRow("__metadata__", "__metadatum__", "its metadata says nothing of a checkpoint")]
    [DataRow("version", "Version", "the checkpoint is damaged")]
    public void WhatIsWrongIsNamed(string found, string instead, string named)
    {
        byte[] bytes = Bytes(CheckpointTests.Sample());
        int header = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        string json = Encoding.UTF8.GetString(bytes, 8, header), changed = json.Replace(found, instead, StringComparison.Ordinal);
        Assert.AreNotEqual(json, changed);
        byte[] head = Encoding.UTF8.GetBytes(changed), length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)head.Length);
        byte[] damaged = [.. length, .. head, .. bytes[(8 + header)..]];
        string message = Assert.ThrowsExactly<GraphRewriteException>(() => Checkpoint.Parse(damaged, "c")).Message;
        StringAssert.StartsWith(message, "c: the checkpoint is damaged: ");
        StringAssert.Contains(message, named);
    }

    [TestMethod]
    public void ATruncatedFileIsRefused()
    {
        byte[] bytes = Bytes(CheckpointTests.Sample());
        for (int length = 9; length < bytes.Length; length++)
            Assert.ThrowsExactly<GraphRewriteException>(() => Checkpoint.Parse(bytes.AsMemory(0, length), "c"), $"{length} bytes");
    }

    internal static byte[] Bytes(Checkpoint checkpoint)
    {
        using var stream = new MemoryStream();
        SafetensorsCheckpoint.Write(checkpoint, stream);
        return stream.ToArray();
    }
}
