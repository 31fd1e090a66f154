using System.Buffers.Binary;
using Google.Protobuf;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.Reporting;

/// <summary>The events file, read as TensorFlow's record reader reads one: lengths and checksums hold, the messages are event.proto's.</summary>
[TestClass]
public sealed class TensorBoardEventsTests
{
    [TestMethod]
    public void ReadsAsRecordsOfEvents()
    {
        var format = new TensorBoardEvents(DateTimeOffset.UnixEpoch.AddSeconds(1000));
        byte[] file = [.. format.Head, .. format.Of(new StepReport(7, 10, 1, 0.5, null, 0.25, 64, TimeSpan.FromSeconds(2)))];
        List<byte[]> records = [];
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.AreEqual(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            records.Add(file[(at + 12)..(at + 12 + length)]);
            Assert.AreEqual(Masked(records[^1]), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
        }
        Assert.HasCount(2, records);
        var version = new CodedInputStream(records[0]);
        Assert.AreEqual(9u, version.ReadTag());
        Assert.AreEqual(1000.0, version.ReadDouble());
        Assert.AreEqual(26u, version.ReadTag());
        Assert.AreEqual("brain.Event:2", version.ReadString());

        var step = new CodedInputStream(records[1]);
        Assert.AreEqual(9u, step.ReadTag());
        Assert.AreEqual(1002.0, step.ReadDouble());
        Assert.AreEqual(16u, step.ReadTag());
        Assert.AreEqual(7L, step.ReadInt64());
        Assert.AreEqual(42u, step.ReadTag());
        CodedInputStream summary = step.ReadBytes().CreateCodedInput();
        var scalars = new List<(string, float)>();
        while (!summary.IsAtEnd)
        {
            Assert.AreEqual(10u, summary.ReadTag());
            CodedInputStream value = summary.ReadBytes().CreateCodedInput();
            Assert.AreEqual(10u, value.ReadTag());
            string tag = value.ReadString();
            Assert.AreEqual(21u, value.ReadTag());
            scalars.Add((tag, value.ReadFloat()));
        }
        CollectionAssert.AreEqual(new[] { ("train/loss", 0.5f), ("train/learning_rate", 0.25f) }, scalars);
    }

    /// <summary>CRC-32C bit by bit (Castagnoli, reflected 0x82F63B78), then TensorFlow's mask.</summary>
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = ~0u;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
