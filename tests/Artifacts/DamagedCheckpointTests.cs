using System.Buffers.Binary;
using Google.FlatBuffers;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;

namespace TrActOnnx.Tests.Artifacts;

[TestClass]
public sealed class DamagedCheckpointTests
{
    [TestMethod]
    public void MissingFileIsNamed() =>
        Assert.AreEqual("no/checkpoint: no such file.", Assert.ThrowsExactly<GraphRewriteException>(() => Checkpoint.Read("no/checkpoint")).Message);

    [TestMethod]
    [DataRow("")]
    [DataRow("ODTC")]
    [DataRow("a text file, no checkpoint")]
    public void OtherFilesAreRefused(string text)
    {
        string message = Refusal(System.Text.Encoding.ASCII.GetBytes(text));
        Assert.AreEqual("checkpoint: not a checkpoint of ONNX Runtime Training ('ODTC' is missing at byte 4).", message);
    }

    [TestMethod]
    public void LaterVersionIsRefused()
    {
        byte[] later = CheckpointTests.Bytes(new Checkpoint { Version = 3 });
        StringAssert.StartsWith(Refusal(later), "checkpoint: the checkpoint has format version 3; 1 and 2 are known");
    }

    [TestMethod]
    public void ParameterThatIsTrainableAndFrozenIsRefused()
    {
        Checkpoint checkpoint = CheckpointTests.Sample();
        checkpoint.Frozen.Add("w", checkpoint.Trainable["w"]);
        StringAssert.Contains(Refusal(CheckpointTests.Bytes(checkpoint)), "the parameter 'w' is both trainable and frozen");
    }

    [TestMethod]
    public void ExternalDataIsRefused()
    {
        byte[] bytes = Build(builder =>
        {
            builder.StartTable(4);
            builder.AddBool(3, true, false);
            int module = builder.EndTable();
            builder.StartTable(4);
            builder.AddInt(0, 2, 0);
            builder.AddOffset(1, module, 0);
            return builder.EndTable();
        });
        StringAssert.Contains(Refusal(bytes), "keeps its parameters in a second file");
    }

    /// <summary>All prefixes of a small file: none reads, each says so.</summary>
    [TestMethod]
    public void EveryTruncationIsRefused()
    {
        byte[] whole = CheckpointTests.Bytes(CheckpointTests.Sample());
        int refused = 0;
        for (int length = 0; length < whole.Length; length++) refused += Try(whole[..length]) ? 0 : 1;
        // All that the tables refer to must be there, the last tensor's elements too; zeros alone are not missed.
        Assert.AreEqual(whole.Length, refused + Enumerable.Range(0, whole.Length).Count(length => whole[length..].All(b => b == 0)));
    }

    [TestMethod]
    public void RandomDamageIsReadOrRefusedInOneLine()
    {
        byte[][] files =
        [
            CheckpointTests.Bytes(CheckpointTests.Sample()),
            File.ReadAllBytes(Path.Combine(TestData.Case("twotower"), "checkpoint")),
            File.ReadAllBytes(Path.Combine(TestData.Case("mlp_sgd"), "checkpoint.after")),
        ];
        var random = new Random(20241023);
        int refused = 0;
        const int Trials = 3000;
        for (int trial = 0; trial < Trials; trial++)
        {
            byte[] bytes = Damage([.. files[trial % files.Length]], random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            refused += Try(bytes) ? 0 : 1;
            Assert.IsLessThan(4_000_000, GC.GetAllocatedBytesForCurrentThread() - before, $"trial {trial}");
        }
        Assert.IsTrue(refused is > Trials / 4 and < Trials, $"{refused} of {Trials} refused: the damage misses the structure, or is total");
    }

    /// <summary>3,000 groups that share one list of 3,000 states: nine million tables in 200 KB.</summary>
    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = false)]
    public void SharedTablesDoNotMultiply()
    {
        byte[] bytes = Build(builder =>
        {
            int states = Vector(builder, i => Table(builder, 2, $"p{i}"));
            int groups = Vector(builder, i => Table(builder, 4, $"g{i}", (3, states)));
            int module = Table(builder, 4, null);
            builder.StartTable(4);
            builder.AddInt(0, 2, 0);
            builder.AddOffset(1, module, 0);
            builder.AddOffset(2, groups, 0);
            return builder.EndTable();
        });
        StringAssert.Contains(Refusal(bytes), "more tables than its length allows");
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        switch (random.Next(4))
        {
            case 0: return bytes[..random.Next(bytes.Length)];
            case 1:
                for (int i = random.Next(1, 30); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 2:
                uint[] values = [0, 1, 4, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFC, (uint)bytes.Length, (uint)random.Next(bytes.Length)];
                int span = random.Next(2) == 0 ? Math.Min(200, bytes.Length) : bytes.Length;
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(random.Next(span / 4) * 4), values[random.Next(values.Length)]);
                return bytes;
            default:
                random.NextBytes(bytes.AsSpan(8 + random.Next(bytes.Length - 8)));
                return bytes;
        }
    }

    /// <summary>Whether it reads; if not, it must be with one line.</summary>
    private static bool Try(byte[] bytes)
    {
        try
        {
            Checkpoint.Parse(bytes, "checkpoint");
            return true;
        }
        catch (GraphRewriteException e)
        {
            Assert.IsFalse(e.Message.Any(char.IsControl), e.Message);
            return false;
        }
    }

    private static string Refusal(byte[] bytes) => Assert.ThrowsExactly<GraphRewriteException>(() => Checkpoint.Parse(bytes, "checkpoint")).Message;

    private static byte[] Build(Func<FlatBufferBuilder, int> root)
    {
        var builder = new FlatBufferBuilder(1024);
        builder.Finish(root(builder), "ODTC");
        return builder.SizedByteArray();
    }

    private static int Table(FlatBufferBuilder builder, int fields, string? name, (int Field, int Offset)? other = null)
    {
        int text = name is null ? 0 : builder.CreateString(name).Value;
        builder.StartTable(fields);
        builder.AddOffset(0, text, 0);
        if (other is { } set) builder.AddOffset(set.Field, set.Offset, 0);
        return builder.EndTable();
    }

    private static int Vector(FlatBufferBuilder builder, Func<int, int> write)
    {
        int[] offsets = [.. Enumerable.Range(0, 3000).Select(write)];
        builder.StartVector(4, offsets.Length, 4);
        foreach (int offset in offsets) builder.AddOffset(offset);
        return builder.EndVector().Value;
    }
}
