using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace TrainingHost.Reporting;

/// <summary>
/// events.out.tfevents.…: scalars for TensorBoard. A TFRecord is length (uint64), masked CRC-32C of it, data, masked CRC-32C of the data, all
/// little-endian; the data is a message Event (tensorflow/core/util/event.proto): wall_time = 1, step = 2, file_version = 3, summary = 5 with
/// values = 1 of tag = 1 and simple_value = 2.
/// </summary>
/// <param name="started">When the run began: wall times are this and the time that has passed.</param>
internal sealed class TensorBoardEvents(DateTimeOffset started) : IMetricsFormat
{
    public string File => "events.out.tfevents.0.tract";

    public byte[] Head => Record(output =>
    {
        output.WriteTag(1, WireFormat.WireType.Fixed64);
        output.WriteDouble(WallTime(TimeSpan.Zero));
        output.WriteTag(3, WireFormat.WireType.LengthDelimited);
        output.WriteString("brain.Event:2");
    });

    public byte[] Of(RunReport report) => report switch
    {
        StepReport step => Scalars(report, ("train/loss", step.Loss), ("train/accuracy", step.Accuracy), ("train/learning_rate", step.LearningRate)),
        EpochReport { HeldOut: { } heldOut } => Scalars(report, ($"{heldOut.Set}/loss", heldOut.Loss), ($"{heldOut.Set}/accuracy", heldOut.Accuracy)),
        EndReport { Test: { } test } => Scalars(report, ($"{test.Set}/loss", test.Loss), ($"{test.Set}/accuracy", test.Accuracy)),
        _ => [],
    };

    private byte[] Scalars(RunReport report, params (string Tag, double? Value)[] scalars) => Record(output =>
    {
        output.WriteTag(1, WireFormat.WireType.Fixed64);
        output.WriteDouble(WallTime(report.Elapsed));
        output.WriteTag(2, WireFormat.WireType.Varint);
        output.WriteInt64(report.Step);
        output.WriteTag(5, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(Message(summary =>
        {
            foreach ((string tag, double? value) in scalars)
            {
                if (value is not { } number) continue;
                summary.WriteTag(1, WireFormat.WireType.LengthDelimited);
                summary.WriteBytes(Message(entry =>
                {
                    entry.WriteTag(1, WireFormat.WireType.LengthDelimited);
                    entry.WriteString(tag);
                    entry.WriteTag(2, WireFormat.WireType.Fixed32);
                    entry.WriteFloat((float)number);
                }));
            }
        }));
    });

    private double WallTime(TimeSpan elapsed) => (started + elapsed - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static byte[] Record(Action<CodedOutputStream> write)
    {
        byte[] data = Message(write).ToByteArray();
        byte[] record = new byte[8 + 4 + data.Length + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedCrc(data));
        return record;
    }

    private static ByteString Message(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true)) write(output);
        return ByteString.CopyFrom(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data) crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
