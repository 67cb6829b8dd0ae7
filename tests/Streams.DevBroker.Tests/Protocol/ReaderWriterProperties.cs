using CsCheck;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Tests.Protocol;

public sealed class ReaderWriterProperties
{
    private static readonly Gen<string?> s_text = Gen.OneOf(Gen.String.Where(text => !text.Any(char.IsSurrogate)).Select(text => (string?)text), Gen.Const((string?)null));

    [Fact]
    public void WriteThenRead_AnyValues_GivesThemBack() =>
        Gen.Select(Gen.Bool, s_text.Array[0, 20], Gen.Byte.Array[0, 300], Gen.Long, Gen.Int, Gen.Short, Gen.UInt, Gen.Guid)
            .Sample((flexible, texts, bytes, number64, number32, number16, varint, id) =>
            {
                using var writer = new KafkaWriter { Flexible = flexible };
                writer.WriteArray(texts, (target, text) => target.WriteNullableString(text));
                writer.WriteBytes(bytes);
                writer.WriteInt64(number64);
                writer.WriteInt32(number32);
                writer.WriteInt16(number16);
                writer.WriteUnsignedVarint(varint);
                writer.WriteUuid(id);
                writer.WriteArrayLength(-1);
                writer.WriteNoTags();

                var reader = new KafkaReader(writer.Written.ToArray()) { Flexible = flexible };
                Assert.Equal(texts, reader.ReadArray("texts", item => item.ReadNullableString("text")));
                Assert.Equal(bytes, reader.ReadBytes("bytes").ToArray());
                Assert.Equal(number64, reader.ReadInt64("n"));
                Assert.Equal(number32, reader.ReadInt32("n"));
                Assert.Equal(number16, reader.ReadInt16("n"));
                Assert.Equal(varint, reader.ReadUnsignedVarint("n"));
                Assert.Equal(id, reader.ReadUuid("id"));
                Assert.Null(reader.ReadNullableArray("none", item => item.ReadInt8("n")));
                reader.SkipTags();
                Assert.Equal(0, reader.Remaining);
            });

    [Fact]
    public void Read_AnyBytes_ReadsOrSaysThatTheyAreMalformed() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[0, 100], Gen.Int[0, 5]).Sample((flexible, bytes, what) =>
        {
            var reader = new KafkaReader(bytes) { Flexible = flexible };
            try
            {
                switch (what)
                {
                    case 0: reader.ReadNullableString("s"); break;
                    case 1: reader.ReadNullableBytes("b"); break;
                    case 2: reader.ReadNullableArray("a", item => item.ReadNullableString("s")); break;
                    case 3: reader.SkipTags(); break;
                    case 4: reader.ReadUnsignedVarint("v"); break;
                    default: reader.ReadHeaderString("h"); break;
                }

                Assert.InRange(reader.Remaining, 0, bytes.Length);
            }
            catch (MalformedRequestException malformed)
            {
                Assert.NotEmpty(malformed.Message);
            }
        });

    [Theory]
    [InlineData(0u, new byte[] { 0 })]
    [InlineData(127u, new byte[] { 0x7F })]
    [InlineData(128u, new byte[] { 0x80, 0x01 })]
    [InlineData(300u, new byte[] { 0xAC, 0x02 })]
    [InlineData(uint.MaxValue, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })]
    public void WriteUnsignedVarint_KnownValues_HasTheDocumentedBytes(uint value, byte[] expected)
    {
        using var writer = new KafkaWriter();
        writer.WriteUnsignedVarint(value);

        Assert.Equal(expected, writer.Written.ToArray());
    }
}
